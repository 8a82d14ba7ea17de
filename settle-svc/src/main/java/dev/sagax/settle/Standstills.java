package dev.sagax.settle;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Logs of which the ledger has applied more than the journal has, time and again the same: what the
 * ledger did there is not journaled, and nothing can be compared until it is. Belongs to the one
 * audit that runs.
 */
final class Standstills {
  /**
   * A partition goes on within this that has moved to another process, or waits for the brokers or
   * for order-svc, which asks for a hold again: their outage is no breach.
   */
  private static final long LONGEST_MILLIS = TimeUnit.MINUTES.toMillis(5);

  /** Between two looks this process itself may have stood still: that counts for so much only. */
  private static final long LONGEST_GAP_MILLIS = TimeUnit.SECONDS.toMillis(10);

  private final InstantSource clock;
  private Map<FlowPartition, Standstill> standing = new HashMap<>();
  private long lookedMillis;

  /**
   * @param mark last position in the ledger
   * @param journaled last position in the journal
   * @param millis for how long it was seen like this
   */
  private record Standstill(long mark, long journaled, long millis) {

    boolean isAsBefore(Standstill before) {
      return before != null && before.mark == mark && before.journaled == journaled;
    }
  }

  Standstills(InstantSource clock) {
    this.clock = clock;
  }

  /** The stores did not answer, or others looked: nothing is known of the time until now. */
  void forget() {
    standing = new HashMap<>();
  }

  /** What is wrong, if a log has stood still for too long. */
  Optional<String> look(Map<FlowPartition, Long> marks, Map<FlowPartition, Long> journaled) {
    long now = clock.millis();
    long gap = Math.clamp(now - lookedMillis, 0, LONGEST_GAP_MILLIS);
    lookedMillis = now;
    Map<FlowPartition, Standstill> seen = new HashMap<>();
    marks.forEach((log, mark) -> {
      long reached = journaled.getOrDefault(log, log.flow().beforeFirst);
      if (reached < mark) {
        Standstill before = standing.get(log);
        Standstill here = new Standstill(mark, reached, 0);
        long millis = here.isAsBefore(before) ? before.millis() + gap : 0;
        seen.put(log, new Standstill(mark, reached, millis));
      }
    });
    standing = seen;
    return seen.entrySet().stream()
        .filter(entry -> entry.getValue().millis() > LONGEST_MILLIS)
        .findFirst()
        .map(entry -> sentence(entry.getKey(), entry.getValue()));
  }

  private static String sentence(FlowPartition log, Standstill standstill) {
    return ("Partition %d of the flow %s stands still: for %d s the ledger has applied it up to position %d,"
            + " but the journal has it up to %d only, so that nothing can be verified.")
        .formatted(
            log.partition(),
            log.flow().word,
            standstill.millis() / 1_000,
            standstill.mark(),
            standstill.journaled());
  }
}
