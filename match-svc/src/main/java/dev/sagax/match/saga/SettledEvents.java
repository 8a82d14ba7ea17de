package dev.sagax.match.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.match.SettledTrade;
import dev.sagax.match.book.Side;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.proto.event.v1.SettleCompleted;
import java.util.List;

/** Records of {@code settle.completed}, as far as everybody may know them. */
public final class SettledEvents {

  private SettledEvents() {}

  /**
   * The trades of an outcome, in order; most have none.
   *
   * @throws PartitionStoppedException if the record cannot be read
   */
  public static List<SettledTrade> decode(LogRecord record) {
    try {
      if (record.value() == null) {
        throw new IllegalArgumentException("It has no value.");
      }
      return trades(SettleCompleted.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new PartitionStoppedException(
          "Record %d of %s-%d cannot be read: %s"
              .formatted(record.position(), record.topic(), record.partition(), e.getMessage()),
          e);
    }
  }

  private static List<SettledTrade> trades(SettleCompleted event) {
    return event.getTradesList().stream().map(trade -> trade(event, trade)).toList();
  }

  private static SettledTrade trade(
      SettleCompleted event, dev.sagax.proto.event.v1.SettledTrade trade) {
    expect(!event.getMarket().isEmpty(), "market");
    expect(trade.getTradeId() > 0, "trade_id");
    expect(trade.getPriceUnits() > 0, "price_units");
    expect(trade.getQuantityUnits() > 0, "quantity_units");
    expect(trade.getQuoteUnits() > 0, "quote_units");
    return new SettledTrade(
        event.getMarket(),
        trade.getTradeId(),
        switch (event.getTakerSide()) {
          case SIDE_BUY -> Side.BUY;
          case SIDE_SELL -> Side.SELL;
          case SIDE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "The field taker_side has no value that is known.");
        },
        trade.getPriceUnits(),
        trade.getQuantityUnits(),
        trade.getQuoteUnits(),
        event.getTimeMicros());
  }

  private static void expect(boolean holds, String field) {
    if (!holds) {
      throw new IllegalArgumentException("The field " + field + " has no value that is known.");
    }
  }
}
