package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.OrderUpdate;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;

/**
 * A client that watches its orders, loses its connection after a random number of messages, and
 * comes back with the cursor of the last message that it has got.
 */
final class OrderWatcher implements AutoCloseable {
  private final Trader owner;
  private final String market;
  private final IntSupplier ports;
  private final Random random;
  private final int most;
  private final Thread thread = Thread.ofPlatform().daemon().name("watcher").unstarted(this::run);
  private final List<Order> snapshot = new ArrayList<>();
  private final List<OrderUpdate> updates = new ArrayList<>();
  private String cursor = "";
  private int connections;

  /** Whether the connection has not said anything yet. */
  private boolean opening;

  private AssertionError failure;
  private ManagedChannel channel;
  private volatile boolean closing;

  /**
   * @param ports of the replica to connect to next
   * @param most messages until it loses its connection at the latest
   */
  OrderWatcher(Trader owner, String market, IntSupplier ports, Random random, int most) {
    this.owner = owner;
    this.market = market;
    this.ports = ports;
    this.random = random;
    this.most = most;
  }

  OrderWatcher start() {
    thread.start();
    return this;
  }

  private void run() {
    while (!closing) {
      try {
        watch(1 + random.nextInt(most));
      } catch (StatusRuntimeException lost) {
        Code code = lost.getStatus().getCode();
        if (code != Code.UNAVAILABLE && code != Code.CANCELLED) {
          failed(lost);
        }
      } catch (RuntimeException | AssertionError e) {
        failed(e);
      }
    }
  }

  private synchronized void failed(Throwable why) {
    failure = new AssertionError("The watcher has ended.", why);
    closing = true;
  }

  /** The connection is cut with messages on it that were not read. */
  private void watch(int messages) {
    ManagedChannel opened =
        NettyChannelBuilder.forAddress("127.0.0.1", ports.getAsInt()).usePlaintext().build();
    synchronized (this) {
      channel = opened;
      connections++;
      opening = true;
    }
    try {
      Iterator<WatchOrdersResponse> stream =
          OrderServiceGrpc.newBlockingStub(opened)
              .withInterceptors(TestExchange.bearer(owner.token()))
              .watchOrders(
                  WatchOrdersRequest.newBuilder().setMarket(market).setCursor(cursor()).build());
      for (int i = 0; i < messages && !closing && stream.hasNext(); i++) {
        take(stream.next());
      }
    } finally {
      opened.shutdownNow();
    }
  }

  private synchronized void take(WatchOrdersResponse message) {
    if (opening && (message.hasSnapshot() || message.hasSnapshotComplete())) {
      snapshot.clear(); // what came of one that was not complete is void
    }
    opening = false;
    switch (message.getMessageCase()) {
      case SNAPSHOT -> snapshot.add(message.getSnapshot());
      case SNAPSHOT_COMPLETE ->
          assertThat(snapshot).hasSize(message.getSnapshotComplete().getOrders());
      case UPDATE -> updates.add(message.getUpdate());
      case HEARTBEAT -> {}
      case MESSAGE_NOT_SET -> throw new AssertionError(message);
    }
    cursor = message.getCursor();
  }

  synchronized String cursor() {
    return cursor;
  }

  synchronized int connections() {
    return connections;
  }

  /** Throws what ended it, if something did. */
  synchronized List<OrderUpdate> updates() {
    if (failure != null) {
      throw failure;
    }
    return List.copyOf(updates);
  }

  /** The open orders that it was told when it began. */
  synchronized List<Order> snapshot() {
    return List.copyOf(snapshot);
  }

  @Override
  public void close() {
    closing = true;
    synchronized (this) {
      if (channel != null) {
        channel.shutdownNow();
      }
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
