package dev.sagax.settle;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Puts what several logs did to an account into one order: each log in its own, and all of them by
 * time as far as that allows. What comes later into a log comes later in this order too, whatever
 * its time; so who knows a place in each log has read exactly what lies before these places.
 */
public final class AccountEntries {
  private static final Comparator<AccountEntry> BY_TIME =
      Comparator.comparingLong(AccountEntry::timeMicros)
          .thenComparing(entry -> entry.log().flow())
          .thenComparing(entry -> entry.log().partition());

  private AccountEntries() {}

  /**
   * The first of these entries.
   *
   * @param entries of each log at least {@code limit}, or all there are
   */
  public static List<AccountEntry> merge(List<AccountEntry> entries, int limit) {
    Map<FlowPartition, Deque<AccountEntry>> logs = new HashMap<>();
    entries.stream()
        .sorted(Comparator.comparing(AccountEntry::place))
        .forEach(entry -> logs.computeIfAbsent(entry.log(), log -> new ArrayDeque<>()).add(entry));
    PriorityQueue<AccountEntry> heads = new PriorityQueue<>(BY_TIME);
    logs.values().forEach(log -> heads.add(log.poll()));
    List<AccountEntry> merged = new ArrayList<>();
    while (merged.size() < limit && !heads.isEmpty()) {
      AccountEntry next = heads.poll();
      merged.add(next);
      AccountEntry following = logs.get(next.log()).poll();
      if (following != null) {
        heads.add(following);
      }
    }
    return merged;
  }
}
