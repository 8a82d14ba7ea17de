package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.util.HashMap;
import java.util.Map;

/**
 * How many server streams are open, of each account and of all. Other services stand for all their
 * callers, so that only the bound of all holds for them. Safe on any thread.
 */
final class StreamSeats {
  private final StreamLimits limits;
  private final Map<String, Integer> taken = new HashMap<>();
  private int all;

  StreamSeats(StreamLimits limits) {
    this.limits = limits;
  }

  /**
   * Takes a seat, to be given back with {@link #leave}.
   *
   * @throws RefusedException TOO_MANY_STREAMS if the account has none left, OVERLOADED if the
   *     service has none
   */
  synchronized void take(Caller caller) {
    int own = taken.getOrDefault(caller.account(), 0);
    if (own >= limits.perAccount() && !caller.may(Scope.SERVICE)) {
      throw Refusal.of(
              Reason.TOO_MANY_STREAMS,
              "The account has %d streams open, which is the most; close one of them first."
                  .formatted(own))
          .asException();
    }
    if (all >= limits.perService()) {
      throw Refusal.of(
              Reason.OVERLOADED,
              "%d streams are open already; try again later, or at another replica.".formatted(all))
          .asException();
    }
    taken.put(caller.account(), own + 1);
    all++;
  }

  synchronized void leave(Caller caller) {
    taken.computeIfPresent(caller.account(), (account, own) -> own == 1 ? null : own - 1);
    all--;
  }

  synchronized int taken() {
    return all;
  }
}
