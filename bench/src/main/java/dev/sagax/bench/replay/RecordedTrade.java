package dev.sagax.bench.replay;

import dev.sagax.bench.replay.Instruction.Side;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A trade as it was recorded, or as the exchange made it. */
record RecordedTrade(
    String market, Side takerSide, BigDecimal price, BigDecimal quantity, String makerClientId) {
  private static final List<String> COLUMNS =
      List.of("time", "market", "taker_side", "price", "quantity", "maker_client_order_id");
  private static final Pattern ANY = Pattern.compile("[^,]{1,64}");

  RecordedTrade {
    price = price.stripTrailingZeros();
    quantity = quantity.stripTrailingZeros();
  }

  /** Reads a file of trades; those of each market in order. */
  static Map<String, List<RecordedTrade>> read(Path file) {
    Map<String, List<RecordedTrade>> markets = new TreeMap<>();
    for (CsvTable.Row row : CsvTable.read(file, COLUMNS, Long.MAX_VALUE)) {
      RecordedTrade trade =
          new RecordedTrade(
              row.matching("market", ANY, "a market"),
              Side.valueOf(row.oneOf("taker_side", "BUY", "SELL")),
              new BigDecimal(row.positive("price")),
              new BigDecimal(row.positive("quantity")),
              row.matching("maker_client_order_id", ANY, "a client order id"));
      markets.computeIfAbsent(trade.market(), m -> new ArrayList<>()).add(trade);
    }
    return markets;
  }

  @Override
  public String toString() {
    return "%s %s at %s, maker %s"
        .formatted(takerSide, quantity.toPlainString(), price.toPlainString(), makerClientId);
  }
}
