package dev.sagax.examples;

import dev.sagax.proto.order.v1.AmendOrderRequest;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.OrderServiceGrpc.OrderServiceBlockingStub;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Places an order, watches it, loses the connection on purpose, lets things happen meanwhile, and
 * goes on with the cursor of the last message that it has read. It ends with 1 if a change is
 * missing or comes twice.
 *
 * <pre>
 *   SAGAX_TOKEN   a token with the scopes read and trade; its account needs 4 USD
 *   SAGAX_ORDERS  HOST:PORT of order-svc, 127.0.0.1:9101 if not set
 *   SAGAX_MARKET  BTC-USD if not set
 * </pre>
 */
public final class WatchAndResume {
  private static final String PRICE = "100";
  private static final long DEADLINE_SECONDS = 10;
  private static final int TRIES = 5;
  private static final long PAUSE_MILLIS = 500;

  private final String address = setting("SAGAX_ORDERS", "127.0.0.1:9101");
  private final String token = setting("SAGAX_TOKEN", "");
  private final String market = setting("SAGAX_MARKET", "BTC-USD");

  /** Our own ids of the orders: new ones for each run, since they are unique for ever. */
  private final String run = "java-" + System.currentTimeMillis();

  /** The last version that was seen of each of our orders. */
  private final Map<String, Long> seen = new LinkedHashMap<>();

  private String cursor = "";

  private WatchAndResume() {}

  public static void main(String[] arguments) throws InterruptedException {
    new WatchAndResume().run();
  }

  private static String setting(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private void run() throws InterruptedException {
    try (Connection connection = new Connection()) {
      Iterator<WatchOrdersResponse> stream = connection.watch();
      read(stream); // The first message says that the stream is open, and where it stands.
      connection.place("a", "0.02");
      while (!seen.containsKey("a")) {
        read(stream);
      }
    }
    System.out.println("The connection is lost. The last cursor is " + cursor);

    try (Connection connection = new Connection()) {
      connection.reduce("a", "0.01");
      connection.place("b", "0.02");
      System.out.println("Meanwhile a was reduced, and b was placed.");
    }

    try (Connection connection = new Connection()) {
      Iterator<WatchOrdersResponse> stream = connection.watch();
      connection.cancel("a");
      connection.cancel("b");
      int closed = 0;
      while (closed < 2) {
        Order order = read(stream);
        closed += isOurs(order) && isClosed(order) ? 1 : 0;
      }
    }
    System.out.println("Seen without gap or duplicate: " + seen);
  }

  private boolean isOurs(Order order) {
    return order.getClientOrderId().startsWith(run);
  }

  private static boolean isClosed(Order order) {
    return switch (order.getStatus()) {
      case ORDER_STATUS_FILLED,
          ORDER_STATUS_CANCELLED,
          ORDER_STATUS_EXPIRED,
          ORDER_STATUS_REJECTED ->
          true;
      default -> false;
    };
  }

  /** Takes the next message: what is told first, and its cursor after that. */
  private Order read(Iterator<WatchOrdersResponse> stream) {
    WatchOrdersResponse message = stream.next();
    Order order = message.getUpdate().getOrder();
    if (isOurs(order)) {
      tell(order);
    }
    cursor = message.getCursor();
    return order;
  }

  /** Every change of an order counts its version by one. */
  private void tell(Order order) {
    String name = order.getClientOrderId().substring(run.length() + 1);
    System.out.printf(
        "  %s version %d: %s, %s remaining%n",
        name, order.getVersion(), order.getStatus(), order.getRemaining());
    long before = seen.getOrDefault(name, 0L);
    if (order.getVersion() != before + 1) {
      throw new IllegalStateException(
          "Expected version %d of order %s, but got %d"
              .formatted(before + 1, name, order.getVersion()));
    }
    seen.put(name, order.getVersion());
  }

  /** A connection with the calls that we make over it. */
  private final class Connection implements AutoCloseable {
    private final ManagedChannel channel =
        NettyChannelBuilder.forTarget(address).usePlaintext().build();
    private final OrderServiceBlockingStub orders =
        OrderServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer()));

    private Metadata bearer() {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      return headers;
    }

    private OrderServiceBlockingStub inTime() {
      return orders.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /** Goes on after the last message that was read; at first, with what happens from now on. */
    Iterator<WatchOrdersResponse> watch() {
      return orders.watchOrders(
          WatchOrdersRequest.newBuilder()
              .setMarket(market)
              .setCursor(cursor)
              .setFromNow(cursor.isEmpty())
              .build());
    }

    /**
     * UNAVAILABLE may mean that the outcome is unknown. The same call again is safe: the same
     * client_order_id is the same order.
     */
    void place(String name, String quantity) throws InterruptedException {
      PlaceOrderRequest request =
          PlaceOrderRequest.newBuilder()
              .setMarket(market)
              .setClientOrderId(run + "-" + name)
              .setLimit(
                  LimitOrder.newBuilder()
                      .setSide(Side.SIDE_BUY)
                      .setPrice(PRICE)
                      .setQuantity(quantity))
              .build();
      for (int tries = 1; ; tries++) {
        try {
          inTime().placeOrder(request);
          return;
        } catch (StatusRuntimeException failure) {
          if (failure.getStatus().getCode() != Status.Code.UNAVAILABLE || tries == TRIES) {
            throw failure;
          }
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    }

    void reduce(String name, String quantity) {
      inTime()
          .amendOrder(
              AmendOrderRequest.newBuilder()
                  .setClientOrder(reference(name))
                  .setQuantity(quantity)
                  .build());
    }

    void cancel(String name) {
      inTime().cancelOrder(CancelOrderRequest.newBuilder().setClientOrder(reference(name)).build());
    }

    private ClientOrderRef reference(String name) {
      return ClientOrderRef.newBuilder()
          .setMarket(market)
          .setClientOrderId(run + "-" + name)
          .build();
    }

    /** Cuts it off at once, whatever is under way. */
    @Override
    public void close() {
      channel.shutdownNow();
    }
  }
}
