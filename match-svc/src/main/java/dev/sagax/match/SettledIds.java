package dev.sagax.match;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which trades are settled, as ranges of ids: the ledger settles the outcomes of a market in their
 * order, so a range ends only where it refused one. Grows; nothing that is settled is ever not.
 */
public final class SettledIds {
  private final Map<String, Range> last = new HashMap<>();
  private final Map<String, Map<Long, Range>> changed = new LinkedHashMap<>();

  /** Trades of a market from the first to the last id, all of them settled. */
  public record Range(String market, long first, long last) {}

  /** Loads the last range of a market. */
  public void restore(Range range) {
    last.put(range.market(), range);
  }

  /**
   * A trade is settled.
   *
   * @return false if that was known
   */
  public boolean add(String market, long id) {
    Range before = last.get(market);
    if (before != null && id <= before.last()) {
      return false;
    }
    boolean follows = before != null && id == before.last() + 1;
    Range now = new Range(market, follows ? before.first() : id, id);
    last.put(market, now);
    changed.computeIfAbsent(market, m -> new LinkedHashMap<>()).put(now.first(), now);
    return true;
  }

  /** The ranges that are new or longer since the last call; what it returns counts as stored. */
  public List<Range> takeChanges() {
    List<Range> taken = new ArrayList<>();
    changed.values().forEach(ranges -> taken.addAll(ranges.values()));
    changed.clear();
    return taken;
  }
}
