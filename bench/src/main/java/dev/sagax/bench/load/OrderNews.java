package dev.sagax.bench.load;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.sagax.proto.event.v1.OrderState;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.order.v1.OrderStatus;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The little that the watch wants of an {@code order.updated}. Read from the bytes, because parsing
 * the whole message takes CPU from the exchange that is measured.
 *
 * @param number the order's number in the flow
 * @param placed the outcome of its own placing is settled
 * @param traded it has at least one fill
 */
record OrderNews(int number, boolean placed, boolean rejected, boolean traded) {

  /** The order must be one of an {@link OrderFlow}. */
  static OrderNews read(byte[] orderUpdated) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(orderUpdated);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == OrderUpdated.ORDER_FIELD_NUMBER) {
          in.pushLimit(in.readRawVarint32());
          return readState(in);
        }
        in.skipField(tag);
      }
      throw new IllegalArgumentException("This order.updated has no order");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static OrderNews readState(CodedInputStream in) throws IOException {
    int number = -1;
    boolean placed = false;
    boolean rejected = false;
    boolean traded = false;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case OrderState.CLIENT_ORDER_ID_FIELD_NUMBER ->
            number = OrderFlow.numberOf(in.readString());
        case OrderState.STATUS_FIELD_NUMBER ->
            rejected = in.readEnum() == OrderStatus.ORDER_STATUS_REJECTED_VALUE;
        case OrderState.FILLED_UNITS_FIELD_NUMBER -> traded = in.readInt64() > 0;
        case OrderState.PLACED_FIELD_NUMBER -> placed = in.readBool();
        default -> in.skipField(tag);
      }
    }
    return new OrderNews(number, placed, rejected, traded);
  }
}
