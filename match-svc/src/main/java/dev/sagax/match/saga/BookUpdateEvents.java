package dev.sagax.match.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.match.LevelChange;
import dev.sagax.match.book.Side;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.proto.event.v1.BookLevel;
import dev.sagax.proto.event.v1.BookUpdated;
import java.math.BigInteger;
import java.util.List;

/** Records of {@code book.updated}. */
public final class BookUpdateEvents {

  private BookUpdateEvents() {}

  /** The changed levels of one market. */
  public record BookUpdate(String market, List<LevelChange> levels) {}

  static BookUpdated encode(String market, List<LevelChange> levels) {
    BookUpdated.Builder event = BookUpdated.newBuilder().setMarket(market);
    levels.forEach(level ->
        event.addLevels(
            BookLevel.newBuilder()
                .setSide(
                    switch (level.side()) {
                      case BUY -> dev.sagax.proto.order.v1.Side.SIDE_BUY;
                      case SELL -> dev.sagax.proto.order.v1.Side.SIDE_SELL;
                    })
                .setPriceUnits(level.price())
                .setQuantityUnits(level.quantity().toString())
                .setOrders(level.orders())));
    return event.build();
  }

  /**
   * @throws PartitionStoppedException if the record cannot be read
   */
  public static BookUpdate decode(LogRecord record) {
    try {
      if (record.value() == null) {
        throw new IllegalArgumentException("It has no value.");
      }
      BookUpdated event = BookUpdated.parseFrom(record.value());
      return new BookUpdate(
          event.getMarket(), event.getLevelsList().stream().map(BookUpdateEvents::level).toList());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new PartitionStoppedException(
          "Record %d of %s-%d cannot be read: %s"
              .formatted(record.position(), record.topic(), record.partition(), e.getMessage()),
          e);
    }
  }

  private static LevelChange level(BookLevel level) {
    return new LevelChange(
        switch (level.getSide()) {
          case SIDE_BUY -> Side.BUY;
          case SIDE_SELL -> Side.SELL;
          case SIDE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IllegalArgumentException("The field side has no value that is known.");
        },
        level.getPriceUnits(),
        new BigInteger(level.getQuantityUnits()),
        level.getOrders());
  }
}
