package dev.sagax.order.saga;

import dev.sagax.order.Ledger;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A ledger with one kind of money: holds while an account has some, answers a position it decided
 * before from its record, and refuses a call that leaves a gap.
 */
final class ScriptedLedger implements Ledger {
  private final Map<String, Long> available = new HashMap<>();
  private final Map<Long, Verdict> journal = new TreeMap<>();
  private final List<String> calls = new ArrayList<>();
  private long watermark = -1;
  private boolean away;

  void give(String account, long units) {
    available.merge(account, units, Long::sum);
  }

  void away(boolean isAway) {
    away = isAway;
  }

  /** The ranges asked for, as "(previous,end] items". */
  List<String> calls() {
    return calls;
  }

  @Override
  public Future<Map<Long, Verdict>> hold(
      int partition, long previousPosition, long endPosition, List<Hold> holds) {
    if (away) {
      return Future.failedFuture("The ledger is away");
    }
    if (previousPosition > watermark) {
      return Future.failedFuture("GAP: " + previousPosition + " is above " + watermark);
    }
    calls.add("(%d,%d] %d".formatted(previousPosition, endPosition, holds.size()));
    Map<Long, Verdict> verdicts = new HashMap<>();
    for (Hold hold : holds) {
      verdicts.put(
          hold.position(), journal.computeIfAbsent(hold.position(), position -> decide(hold)));
    }
    watermark = Math.max(watermark, endPosition);
    return Future.succeededFuture(verdicts);
  }

  private Verdict decide(Hold hold) {
    if (hold.declined()) {
      return Verdict.DECLINED;
    }
    long units = hold.order().type().holdUnits(hold.order().rules());
    long has = available.getOrDefault(hold.order().account(), 0L);
    if (has < units) {
      return Verdict.INSUFFICIENT_FUNDS;
    }
    available.put(hold.order().account(), has - units);
    return Verdict.HELD;
  }
}
