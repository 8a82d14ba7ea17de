package dev.sagax.order.saga;

import dev.sagax.order.saga.InstructionReader.Reading.Poison;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.money.Markets;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.SettleCompleted;
import java.io.IOException;

/** How order-svc's step reads its records. */
public final class OrderReaders {
  private OrderReaders() {}

  /** What it takes the record for; throws if it cannot read it. */
  public static Object read(LogRecord record, Markets markets) throws IOException {
    return switch (record.topic()) {
      case ORDER_REQUESTED ->
          switch (new InstructionReader(markets).read(record)) {
            case Poison poison -> throw new IOException(poison.error());
            case InstructionReader.Reading sound -> sound;
          };
      case SETTLE_COMPLETED -> OrderRecords.toOutcome(SettleCompleted.parseFrom(record.value()));
      case ORDER_CANCEL_REQUESTED ->
          OrderRecords.toCancelNotice(OrderCancelRequested.parseFrom(record.value()));
      default -> throw new IOException("It does not read " + record.topic());
    };
  }
}
