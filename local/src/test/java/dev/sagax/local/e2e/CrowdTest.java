package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.market.v1.WatchOrderBookRequest;
import dev.sagax.proto.market.v1.WatchTickerRequest;
import dev.sagax.proto.market.v1.WatchTradesRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.PlaceOrdersRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.StreamObserver;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Readers that stop, connections that say nothing and many streams do not hold up anybody else, and
 * cost a bounded amount of memory.
 *
 * <p>{@code -Dsagax.crowd.connections=1000 -Dsagax.crowd.streams=200 -Dsagax.crowd.calls=2000
 * -Dsagax.crowd.millis=50} is what is promised of a machine that does nothing else.
 */
@ExtendWith(SharedExchange.class)
class CrowdTest {
  private static final int CONNECTIONS = Integer.getInteger("sagax.crowd.connections", 200);
  private static final int STREAMS = Integer.getInteger("sagax.crowd.streams", 50);
  private static final int CALLS = Integer.getInteger("sagax.crowd.calls", 300);

  /** A latency that is good enough, however good it was without a crowd. */
  private static final int GOOD_MILLIS = Integer.getInteger("sagax.crowd.millis", 250);

  /** Somebody else's work on this machine is no crowd of ours: the best of so many counts. */
  private static final int TRIES = 3;

  /** Where a hundred calls take longer than this there is nothing to be measured anyway. */
  private static final long MOST_NANOS =
      TimeUnit.SECONDS.toNanos(Integer.getInteger("sagax.crowd.seconds", 5));

  private static final int LEAST_CALLS = 10;
  private static final int CLIENTS = 2;
  private static final int WARM_UP = 150;

  /** More updates than a stream may have waiting. */
  private static final int BATCHES = 5;

  private static final int BATCH = 100;
  private static final int STREAMS_AN_ACCOUNT = 8;
  private static final int STOPPED_READERS = 5;

  /** Makes a client's window as small as the queue that is tested is in messages. */
  private static final int WINDOW = 16 * 1024;

  /** Takes so long to empty half a queue that the server's patience ends first. */
  private static final int CRAWL_MESSAGES = 20;

  private static final long CRAWL_MILLIS = 1_000;
  private static final int EVERYTHING = 1_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final long BYTES_IN_ALL = 32L * 1024 * 1024;
  private static final long BYTES_A_CONNECTION = 64 * 1024;
  private static final long BYTES_A_STREAM = 512 * 1024;

  private final List<AutoCloseable> open = new ArrayList<>();
  private TestExchange exchange;
  private String market;

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closed : open.reversed()) {
      closed.close();
    }
  }

  @Test
  void othersAreServedAsBefore(TestExchange shared) throws Exception {
    exchange = shared;
    market = exchange.market();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Client(exchange.trader("busy").fund("USD", "1000000")));
    }
    Trader watched = exchange.trader("watched").fund("USD", "1000000");
    String beginning = cursor(watched);
    makeHistory(watched);
    measure(clients, WARM_UP);
    Latencies alone = measure(clients, CALLS);
    long heapBefore = usedHeap();

    List<IdleConnection> idle = idleConnections();
    List<Listener> listeners = listeners();
    List<StoppedReader> stopped = new ArrayList<>();
    for (int i = 0; i < STOPPED_READERS; i++) {
      stopped.add(new StoppedReader(watched, beginning));
    }
    StoppedReader crawling = new StoppedReader(watched, beginning);
    crawling.crawl();
    Latencies crowded = measure(clients, CALLS);
    for (int i = 1; i < TRIES && !crowded.isGood(alone); i++) {
      crowded = crowded.orBetter(measure(clients, CALLS));
    }
    crawling.status(); // the others have been left alone for long enough by then

    long grown = usedHeap() - heapBefore;
    System.out.printf(
        "CrowdTest: %d connections, %d streams, %d calls: alone %s, in the crowd %s; heap %+,d"
            + " KiB%n",
        CONNECTIONS, STREAMS, CLIENTS * CALLS, alone, crowded, grown / 1024);
    assertThat(Refused.of(crawling.failure()).reason()).isEqualTo("SLOW_READER");
    assertThat(crawling.status().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    for (StoppedReader reader : stopped) {
      reader.ask(EVERYTHING);
      assertThat(reader.status().getCode()).isIn(Code.RESOURCE_EXHAUSTED, Code.CANCELLED);
    }
    assertThat(grown)
        .isLessThan(BYTES_IN_ALL + BYTES_A_CONNECTION * CONNECTIONS + BYTES_A_STREAM * STREAMS);
    for (IdleConnection connection : idle) {
      connection.isServedOrEnded();
    }
    assertThat(listeners).allSatisfy(Listener::isServed);
    assertThat(crowded.isGood(alone)).as("%s against %s alone", crowded, alone).isTrue();
  }

  // ---- those who are to be served as before

  /** The slowest but one in a hundred, in microseconds. */
  private record Latencies(long placeMicros, long bookMicros) {
    boolean isGood(Latencies alone) {
      return isGood(placeMicros, alone.placeMicros) && isGood(bookMicros, alone.bookMicros);
    }

    private static boolean isGood(long micros, long aloneMicros) {
      return micros < Math.max(2 * aloneMicros, TimeUnit.MILLISECONDS.toMicros(GOOD_MILLIS));
    }

    Latencies orBetter(Latencies other) {
      return new Latencies(
          Math.min(placeMicros, other.placeMicros), Math.min(bookMicros, other.bookMicros));
    }

    @Override
    public String toString() {
      return "p99 of PlaceOrder %,d us, of GetOrderBook %,d us".formatted(placeMicros, bookMicros);
    }
  }

  /** Places an order, looks at the book and cancels the order, over and over. */
  private final class Client {
    private final Trader trader;
    private final OrderServiceGrpc.OrderServiceBlockingStub orders;
    private final MarketDataServiceGrpc.MarketDataServiceBlockingStub books;
    private final List<Long> places = new ArrayList<>();
    private final List<Long> looks = new ArrayList<>();

    Client(Trader trader) {
      this.trader = trader;
      var bearer = TestExchange.bearer(trader.token());
      orders =
          OrderServiceGrpc.newBlockingStub(channel(exchange.ports().order()))
              .withInterceptors(bearer);
      books =
          MarketDataServiceGrpc.newBlockingStub(channel(exchange.ports().match()))
              .withInterceptors(bearer);
    }

    Void call(int times) {
      places.clear();
      looks.clear();
      long end = System.nanoTime() + MOST_NANOS;
      for (int i = 0; i < times && (i < LEAST_CALLS || System.nanoTime() < end); i++) {
        PlaceOrderRequest request =
            PlaceOrderRequest.newBuilder()
                .setMarket(market)
                .setClientOrderId(trader.nextId())
                .setLimit(
                    Trader.limit(
                        Side.SIDE_BUY, "0.1", "" + (50 + i % 10), TimeInForce.TIME_IN_FORCE_GTC))
                .build();
        Order order =
            timed(places, () -> asked(() -> patient(orders).placeOrder(request)).getOrder());
        var book = GetOrderBookRequest.newBuilder().setMarket(market).build();
        timed(looks, () -> asked(() -> patient(books).getOrderBook(book)));
        var cancel = CancelOrderRequest.newBuilder().setOrderId(order.getOrderId()).build();
        asked(() -> patient(orders).cancelOrder(cancel));
      }
      return null;
    }

    private static <T> T asked(Supplier<T> call) {
      return Eventually.answered(PATIENCE, call);
    }

    private static <S extends AbstractStub<S>> S patient(S stub) {
      return stub.withDeadlineAfter(PATIENCE);
    }

    private static <T> T timed(List<Long> micros, Supplier<T> call) {
      long begun = System.nanoTime();
      T answer = call.get();
      micros.add(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begun));
      return answer;
    }
  }

  private ManagedChannel channel(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .flowControlWindow(WINDOW)
            .usePlaintext()
            .build();
    open.add(channel::shutdownNow);
    return channel;
  }

  private static Latencies measure(List<Client> clients, int times)
      throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(clients.size())) {
      List<Future<Void>> running =
          clients.stream().map(client -> threads.submit(() -> client.call(times))).toList();
      for (Future<Void> client : running) {
        client.get();
      }
    }
    return new Latencies(
        p99(clients.stream().flatMapToLong(c -> c.places.stream().mapToLong(x -> x)).toArray()),
        p99(clients.stream().flatMapToLong(c -> c.looks.stream().mapToLong(x -> x)).toArray()));
  }

  private static long p99(long[] micros) {
    assertThat(micros).hasSizeGreaterThanOrEqualTo(CLIENTS * LEAST_CALLS);
    Arrays.sort(micros);
    return micros[(int) (micros.length * 0.99)];
  }

  // ---- those who say nothing

  private List<IdleConnection> idleConnections() throws IOException {
    int[] ports = {exchange.ports().order(), exchange.ports().match()};
    List<IdleConnection> idle = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      IdleConnection connection = new IdleConnection(ports[i % ports.length]);
      open.add(connection.socket);
      idle.add(connection);
    }
    return idle;
  }

  /** An HTTP/2 connection that begins as it should, and then does nothing. */
  private static final class IdleConnection {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final byte[] NO_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    private static final byte[] PING = {0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};
    private static final int TYPE_OF_PING = 6;
    private static final int ANSWER = 1;
    private static final int MOST_MILLIS = 30_000;

    private final Socket socket;
    private final long openedNanos = System.nanoTime();

    IdleConnection(int port) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(MOST_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(PREFACE.getBytes(StandardCharsets.US_ASCII));
      out.write(NO_SETTINGS);
      out.flush();
    }

    /** A ping on it is answered, unless it has asked for nothing for so long that it was ended. */
    void isServedOrEnded() throws IOException {
      long openMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - openedNanos);
      try {
        ping();
      } catch (EOFException | SocketException ended) {
        assertThat(openMillis).isGreaterThan(MOST_MILLIS - 1_000);
      }
    }

    private void ping() throws IOException {
      socket.getOutputStream().write(PING);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int type;
      int flags;
      do {
        int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
        type = in.readUnsignedByte();
        flags = in.readUnsignedByte();
        in.skipNBytes(Integer.BYTES + length);
      } while (type != TYPE_OF_PING || flags != ANSWER);
    }
  }

  // ---- those who listen

  private List<Listener> listeners() {
    List<Listener> listeners = new ArrayList<>();
    ManagedChannel orders = channel(exchange.ports().order());
    ManagedChannel markets = channel(exchange.ports().match());
    while (listeners.size() < STREAMS) {
      var bearer = TestExchange.bearer(exchange.trader("listener").token());
      var books = MarketDataServiceGrpc.newStub(markets).withInterceptors(bearer);
      var own = OrderServiceGrpc.newStub(orders).withInterceptors(bearer);
      for (int i = 0; i < STREAMS_AN_ACCOUNT && listeners.size() < STREAMS; i++) {
        Listener listener = new Listener();
        switch (i % 4) {
          case 0 ->
              books.watchOrderBook(
                  WatchOrderBookRequest.newBuilder().setMarket(market).build(), listener.hears());
          case 1 ->
              books.watchTrades(
                  WatchTradesRequest.newBuilder().setMarket(market).build(), listener.hears());
          case 2 ->
              books.watchTicker(
                  WatchTickerRequest.newBuilder().addMarkets(market).build(), listener.hears());
          default -> own.watchOrders(WatchOrdersRequest.getDefaultInstance(), listener.hears());
        }
        listener.mustHear = i % 4 != 1; // there are no trades
        listeners.add(listener);
      }
    }
    Eventually.passes(() ->
        assertThat(listeners)
            .allSatisfy(
                listener -> assertThat(listener.heard.get() > 0 || !listener.mustHear).isTrue()));
    return listeners;
  }

  private static final class Listener {
    private final AtomicInteger heard = new AtomicInteger();
    private volatile Throwable failure;
    private volatile boolean ended;
    private boolean mustHear;

    <R> StreamObserver<R> hears() {
      return new StreamObserver<>() {
        @Override
        public void onNext(R message) {
          heard.incrementAndGet();
        }

        @Override
        public void onError(Throwable why) {
          failure = why;
        }

        @Override
        public void onCompleted() {
          ended = true;
        }
      };
    }

    void isServed() {
      assertThat(failure).isNull();
      assertThat(ended).isFalse();
    }
  }

  // ---- those who do not listen

  /** Places and cancels more orders than anybody may leave unread. */
  private void makeHistory(Trader trader) {
    for (int i = 0; i < BATCHES; i++) {
      PlaceOrdersRequest.Builder orders = PlaceOrdersRequest.newBuilder();
      for (int j = 0; j < BATCH; j++) {
        orders.addOrders(
            trader
                .order(market)
                .setLimit(Trader.limit(Side.SIDE_BUY, "0.1", "10", TimeInForce.TIME_IN_FORCE_GTC)));
      }
      Client.asked(() -> Client.patient(trader.orders()).placeOrders(orders.build()));
      var cancel = CancelAllOrdersRequest.newBuilder().setWait(Wait.WAIT_SETTLED).build();
      Client.asked(() -> Client.patient(trader.orders()).cancelAllOrders(cancel));
    }
  }

  /** Where a trader's stream stands before it has placed anything. */
  private String cursor(Trader trader) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + trader.token());
    return RawCall.untilAnswered(
        exchange.order(),
        OrderServiceGrpc.getWatchOrdersMethod().getFullMethodName(),
        headers,
        WatchOrdersRequest.getDefaultInstance().toByteArray(),
        message -> cursorOf(message));
  }

  private static String cursorOf(byte[] message) {
    try {
      return WatchOrdersResponse.parseFrom(message).getCursor();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Asks for all that has ever happened to an account, and then does not read it. */
  private final class StoppedReader {
    private final ClientCall<WatchOrdersRequest, WatchOrdersResponse> call;
    private final CompletableFuture<StatusRuntimeException> ended = new CompletableFuture<>();

    StoppedReader(Trader watched, String from) {
      call =
          ClientInterceptors.intercept(
                  channel(exchange.ports().order()), TestExchange.bearer(watched.token()))
              .newCall(OrderServiceGrpc.getWatchOrdersMethod(), CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              ended.complete(new StatusRuntimeException(status, trailers));
            }
          },
          new Metadata());
      call.request(1);
      call.sendMessage(WatchOrdersRequest.newBuilder().setCursor(from).build());
      call.halfClose();
    }

    void ask(int messages) {
      call.request(messages);
    }

    /** Reads on, but much too slowly. */
    void crawl() {
      ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
      open.add(clock::shutdownNow);
      clock.scheduleWithFixedDelay(
          () -> ask(CRAWL_MESSAGES), CRAWL_MILLIS, CRAWL_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** How it ended; waits until it has. */
    StatusRuntimeException failure() {
      try {
        return ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (InterruptedException | ExecutionException | TimeoutException e) {
        throw new AssertionError("The stream was not ended", e);
      }
    }

    Status status() {
      return failure().getStatus();
    }
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
