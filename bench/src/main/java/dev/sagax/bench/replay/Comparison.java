package dev.sagax.bench.replay;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the exchange made against what was recorded, exactly. */
final class Comparison {

  private Comparison() {}

  /** Every difference between the trades of each market, taken in order, as a sentence. */
  static List<String> ofTrades(
      Map<String, List<RecordedTrade>> recorded, Map<String, List<RecordedTrade>> made) {
    List<String> differences = new ArrayList<>();
    for (String market : union(recorded.keySet(), made.keySet())) {
      List<RecordedTrade> expected = recorded.getOrDefault(market, List.of());
      List<RecordedTrade> actual = made.getOrDefault(market, List.of());
      for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
        RecordedTrade wanted = i < expected.size() ? expected.get(i) : null;
        RecordedTrade got = i < actual.size() ? actual.get(i) : null;
        if (wanted == null || !wanted.equals(got)) {
          differences.add(
              "%s trade %d: recorded %s, made %s."
                  .formatted(market, i + 1, orNone(wanted), orNone(got)));
        }
      }
    }
    return differences;
  }

  /** Every difference between the levels of each side, as a sentence. Prices compare by value. */
  static List<String> ofBooks(
      Map<BookSide, Map<BigDecimal, BigDecimal>> recorded,
      Map<BookSide, Map<BigDecimal, BigDecimal>> made) {
    List<String> differences = new ArrayList<>();
    for (BookSide side : union(recorded.keySet(), made.keySet())) {
      Map<BigDecimal, BigDecimal> expected = recorded.getOrDefault(side, new TreeMap<>());
      Map<BigDecimal, BigDecimal> actual = made.getOrDefault(side, new TreeMap<>());
      for (BigDecimal price : union(expected.keySet(), actual.keySet())) {
        BigDecimal wanted = expected.getOrDefault(price, BigDecimal.ZERO);
        BigDecimal got = actual.getOrDefault(price, BigDecimal.ZERO);
        if (wanted.compareTo(got) != 0) {
          differences.add(
              "%s at %s: recorded %s, rests %s."
                  .formatted(
                      side, price.toPlainString(), wanted.toPlainString(), got.toPlainString()));
        }
      }
    }
    return differences;
  }

  private static String orNone(RecordedTrade trade) {
    return trade == null ? "none" : trade.toString();
  }

  /** In natural order, so that equal prices of different scale are one. */
  private static <T extends Comparable<? super T>> Set<T> union(Set<T> some, Set<T> others) {
    Set<T> all = new TreeSet<>(some);
    all.addAll(others);
    return all;
  }
}
