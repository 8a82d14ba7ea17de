package dev.sagax.order.api;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.util.HashMap;
import java.util.Map;

/**
 * How many sagas may be looked up at once. They wait for one reader of the log, so there are few
 * seats; and one account gets a part of them only, be it an operator's, so that nobody can keep all
 * others out. Safe on any thread.
 */
final class SagaSeats {
  private final int all;
  private final int ofOneAccount;
  private final Map<String, Integer> taken = new HashMap<>();

  SagaSeats(int all, int ofOneAccount) {
    this.all = all;
    this.ofOneAccount = ofOneAccount;
  }

  /**
   * Takes a seat, to be given back with {@link #leave}.
   *
   * @throws RefusedException OVERLOADED if none is free, or none for this account
   */
  synchronized void take(String account) {
    int mine = taken.getOrDefault(account, 0);
    if (mine >= ofOneAccount) {
      throw overloaded("%d of your lookups of sagas are under way; ask again later.", mine);
    }
    int others = taken.values().stream().mapToInt(Integer::intValue).sum();
    if (others >= all) {
      throw overloaded("%d lookups of sagas are under way; ask again later.", others);
    }
    taken.put(account, mine + 1);
  }

  private static RefusedException overloaded(String sentence, int lookups) {
    return Refusal.of(Reason.OVERLOADED, sentence.formatted(lookups)).asException();
  }

  synchronized void leave(String account) {
    taken.computeIfPresent(account, (a, mine) -> mine == 1 ? null : mine - 1);
  }
}
