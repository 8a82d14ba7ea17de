package dev.sagax.order.api;

import dev.sagax.order.OrderSnapshots.Snapshot;
import dev.sagax.order.saga.OrderRecords;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.platform.stream.Cursor;
import dev.sagax.platform.stream.LogStream;
import dev.sagax.platform.stream.LogTail;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.order.v1.Heartbeat;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderUpdate;
import dev.sagax.proto.order.v1.SnapshotComplete;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * One client's stream of execution reports: the snapshot, if there is one, then every change that
 * came after it. Lives on the event loop of its connection.
 */
final class OrderWatch implements LogStream.Listener<OrderUpdated> {
  private final LogTail<OrderUpdated> tail;
  private final List<String> name;
  private final String account;
  private final String market;
  private final StreamSink<WatchOrdersResponse> sink;
  private final Queue<Order> snapshot = new ArrayDeque<>();

  /**
   * @param name what its cursors are bound to
   * @param market only orders of this market; all when empty
   */
  OrderWatch(
      LogTail<OrderUpdated> tail,
      List<String> name,
      String account,
      String market,
      StreamSink<WatchOrdersResponse> sink) {
    this.tail = tail;
    this.name = name;
    this.account = account;
    this.market = market;
    this.sink = sink;
  }

  /**
   * @param news the numbers that were given out by now
   */
  Void goOn(Cursor cursor, Cursor news) {
    cursor.requireNotBeyond(news);
    return follow(cursor, news);
  }

  /** Tells at once where it stands, so that the client can come back there. */
  Void startNow(Cursor news) {
    sink.write(heartbeat(news));
    return follow(news, news);
  }

  Void startWith(Snapshot open) {
    open.orders().stream().map(OrderMapper::toProto).forEach(snapshot::add);
    sink.onClosed(snapshot::clear);
    writeSnapshot(snapshot.size(), open.news());
    return null;
  }

  private void writeSnapshot(int size, Cursor news) {
    while (!snapshot.isEmpty() && !sink.isFull()) {
      sink.write(message(Cursor.ANEW).setSnapshot(snapshot.remove()).build());
    }
    if (!snapshot.isEmpty()) {
      sink.onDrain(() -> writeSnapshot(size, news));
      return;
    }
    sink.write(
        message(news).setSnapshotComplete(SnapshotComplete.newBuilder().setOrders(size)).build());
    follow(news, news);
  }

  private Void follow(Cursor after, Cursor news) {
    if (sink.isClosed()) {
      return null;
    }
    LogStream<OrderUpdated> stream = tail.follow(after, news, account, this);
    sink.onDrain(stream::goOn);
    sink.onClosed(stream::close);
    sink.heartbeat(() -> heartbeat(stream.cursor()));
    return null;
  }

  @Override
  public void onRecord(LogStream<OrderUpdated> stream, OrderUpdated update) {
    if (isChange(update)) {
      sink.write(message(stream.cursor()).setUpdate(toUpdate(update)).build());
    }
  }

  /** All else only answers an instruction with the order as it was told before. */
  private boolean isChange(OrderUpdated update) {
    return !update.getUnchanged()
        && (market.isEmpty() || update.getOrder().getMarket().equals(market));
  }

  private static OrderUpdate toUpdate(OrderUpdated update) {
    dev.sagax.order.Order order = OrderRecords.toOrder(update.getOrder());
    OrderUpdate.Builder message = OrderUpdate.newBuilder().setOrder(OrderMapper.toProto(order));
    OrderRecords.toFilled(update)
        .map(filled -> OrderMapper.toProto(filled, order))
        .ifPresent(message::setFill);
    return message.build();
  }

  @Override
  public boolean isFull() {
    return sink.isFull();
  }

  @Override
  public void onFailure(Throwable why) {
    sink.fail(why);
  }

  private WatchOrdersResponse heartbeat(Cursor cursor) {
    return message(cursor).setHeartbeat(Heartbeat.getDefaultInstance()).build();
  }

  private WatchOrdersResponse.Builder message(Cursor cursor) {
    return WatchOrdersResponse.newBuilder().setCursor(cursor.text(name));
  }
}
