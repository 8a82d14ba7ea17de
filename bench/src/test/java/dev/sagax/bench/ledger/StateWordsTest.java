package dev.sagax.bench.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerState;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class StateWordsTest {
  @Test
  void replayIsSaidWithWhatWaitsForIt() {
    LedgerState state =
        LedgerState.newBuilder()
            .setMode(LedgerMode.LEDGER_MODE_REPLAYING)
            .setSinceMicros(1_600_000_000_000_000L)
            .setReason("It was rebuilt and its log is replayed: test")
            .setEpoch(2)
            .build();

    assertThat(printed(state))
        .isEqualTo(
            """
            ledger    REPLAYING
            since     2020-09-13T12:26:40Z
            reason    It was rebuilt and its log is replayed: test
            orders    wait until settle-svc has replayed the log
            epoch     2
            verified  never
            """);
  }

  private static String printed(LedgerState state) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    StateWords.print(state, out);
    out.flush();
    return text.toString().replace(System.lineSeparator(), "\n");
  }
}
