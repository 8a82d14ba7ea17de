package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.OrderUpdate;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;

/** Watches the orders of an account, and keeps what it was told. */
final class OrderWatcher extends CutOffWatcher<WatchOrdersResponse> {
  private final Trader owner;
  private final String market;
  private final List<Order> snapshot = new ArrayList<>();
  private final List<OrderUpdate> updates = new ArrayList<>();

  OrderWatcher(Trader owner, String market, IntSupplier ports, Random random, int most) {
    super(ports, random, most);
    this.owner = owner;
    this.market = market;
  }

  @Override
  Iterator<WatchOrdersResponse> open(Channel channel, String cursor) {
    return OrderServiceGrpc.newBlockingStub(channel)
        .withInterceptors(TestExchange.bearer(owner.token()))
        .watchOrders(WatchOrdersRequest.newBuilder().setMarket(market).setCursor(cursor).build());
  }

  @Override
  boolean isSnapshot(WatchOrdersResponse message) {
    return message.hasSnapshot() || message.hasSnapshotComplete();
  }

  @Override
  void beginAnew() {
    snapshot.clear(); // what came of one that was not complete is void
  }

  @Override
  void take(WatchOrdersResponse message) {
    switch (message.getMessageCase()) {
      case SNAPSHOT -> snapshot.add(message.getSnapshot());
      case SNAPSHOT_COMPLETE ->
          assertThat(snapshot).hasSize(message.getSnapshotComplete().getOrders());
      case UPDATE -> updates.add(message.getUpdate());
      case HEARTBEAT -> {}
      case MESSAGE_NOT_SET -> throw new AssertionError(message);
    }
  }

  @Override
  String cursorOf(WatchOrdersResponse message) {
    return message.getCursor();
  }

  synchronized List<OrderUpdate> updates() {
    requireAlive();
    return List.copyOf(updates);
  }

  /** The open orders that it was told when it began. */
  synchronized List<Order> snapshot() {
    return List.copyOf(snapshot);
  }
}
