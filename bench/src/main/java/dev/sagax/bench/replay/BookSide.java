package dev.sagax.bench.replay;

import dev.sagax.bench.replay.Instruction.Side;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** One side of one market's book. */
record BookSide(String market, Side side) implements Comparable<BookSide> {
  private static final List<String> COLUMNS = List.of("market", "side", "price", "quantity");
  private static final Pattern ANY = Pattern.compile("[^,]{1,64}");

  /** Reads a file of book levels: the quantity at each price of each side. */
  static Map<BookSide, Map<BigDecimal, BigDecimal>> read(Path file) {
    Map<BookSide, Map<BigDecimal, BigDecimal>> books = new TreeMap<>();
    for (CsvTable.Row row : CsvTable.read(file, COLUMNS, Long.MAX_VALUE)) {
      BookSide side =
          new BookSide(
              row.matching("market", ANY, "a market"),
              Side.valueOf(row.oneOf("side", "BUY", "SELL")));
      BigDecimal before =
          books
              .computeIfAbsent(side, s -> new TreeMap<>())
              .put(new BigDecimal(row.positive("price")), new BigDecimal(row.positive("quantity")));
      if (before != null) {
        throw row.wrong("price", "this level of " + side + " is listed twice");
      }
    }
    return books;
  }

  @Override
  public int compareTo(BookSide other) {
    int byMarket = market.compareTo(other.market);
    return byMarket != 0 ? byMarket : side.compareTo(other.side);
  }

  @Override
  public String toString() {
    return market + " " + side;
  }
}
