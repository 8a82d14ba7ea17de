package dev.sagax.bench.ledger;

import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerState;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** How the ledger stands, as a person reads it. */
final class StateWords {
  private static final String PREFIX = "LEDGER_MODE_";

  private StateWords() {}

  static void print(LedgerState state, PrintWriter out) {
    line(out, "ledger", state.getMode().name().replace(PREFIX, ""));
    line(out, "since", state.getSinceMicros() == 0 ? "always" : time(state.getSinceMicros()));
    if (!state.getReason().isEmpty()) {
      line(out, "reason", state.getReason());
    }
    if (state.getMode() == LedgerMode.LEDGER_MODE_REPLAYING) {
      line(out, "orders", "wait until settle-svc has replayed the log");
    }
    line(out, "epoch", Long.toString(state.getEpoch()));
    line(
        out,
        "verified",
        state.getVerifiedMicros() == 0 ? "never" : time(state.getVerifiedMicros()));
  }

  private static void line(PrintWriter out, String name, String text) {
    out.println("%-9s %s".formatted(name, text));
  }

  private static String time(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
