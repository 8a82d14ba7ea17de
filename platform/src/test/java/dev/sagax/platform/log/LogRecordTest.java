package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LogRecordTest {
  @Test
  void keyAndHeadersWeighTooAndWhatIsMissingWeighsNothing() {
    List<LogHeader> headers =
        List.of(new LogHeader("seq", new byte[2]), new LogHeader("none", null));

    assertThat(
            new LogRecord(Topic.ORDER_REQUESTED, 0, 1, 1, -1, new byte[10], new byte[100], headers)
                .bytes())
        .isEqualTo(10 + 100 + 3 + 2 + 4);
    assertThat(new LogRecord(Topic.ORDER_REQUESTED, 0, 1, 1, null, null).bytes()).isZero();
  }
}
