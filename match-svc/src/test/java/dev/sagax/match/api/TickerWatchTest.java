package dev.sagax.match.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.match.Listings;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Caller;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.proto.market.v1.Ticker;
import dev.sagax.proto.market.v1.WatchTickerRequest;
import dev.sagax.proto.market.v1.WatchTickerResponse;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each watch is at a replica of its own, over the same rows. */
class TickerWatchTest {
  private static final Call CALL = new Call(new Caller("alice", Set.of(Scope.READ)), 0, "r1");

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Map<String, Ticker> rows =
      new ConcurrentHashMap<>(
          Map.of(
              "BTC-USD", ticker("BTC-USD", "100"),
              "ETH-BTC", ticker("ETH-BTC", "2"),
              "ETH-USD", ticker("ETH-USD", "50")));
  private volatile Instant now = Instant.ofEpochSecond(600);

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void whoComesBackIsToldWhatIsNotAsHeWasTold() throws Exception {
    Sink first = open("");
    assertThat(first.next().getTickersList())
        .extracting(Ticker::getMarket)
        .containsExactly("BTC-USD", "ETH-BTC", "ETH-USD");

    rows.put("ETH-BTC", ticker("ETH-BTC", "3"));
    Sink second = open(first.cursor);
    assertThat(second.next().getTickersList()).containsExactly(ticker("ETH-BTC", "3"));

    Sink third = open(second.cursor);
    assertThat(third.messages).isEmpty();
    assertThat(third.heartbeat.get().getCursor()).isEqualTo(second.cursor);
    rows.put("BTC-USD", ticker("BTC-USD", "101"));
    assertThat(third.next().getTickersList()).containsExactly(ticker("BTC-USD", "101"));
  }

  @Test
  void aDayThatMovesWithoutATradeIsTold() throws Exception {
    Sink first = open("", "BTC-USD");
    Ticker told = first.next().getTickers(0);

    Ticker moved = told.toBuilder().setTradeCount(told.getTradeCount() - 1).build();
    rows.put("BTC-USD", moved);
    now = now.plusSeconds(60);

    assertThat(open(first.cursor, "BTC-USD").next().getTickersList()).containsExactly(moved);
    assertThat(first.next().getTickersList()).containsExactly(moved);
  }

  /** Its clock is behind that of the replica before, so its day would be an earlier one. */
  @Test
  void aReplicaThatIsBehindTellsNothingUntilItIsThere() throws Exception {
    Sink first = open("", "BTC-USD");
    first.next();
    now = now.minusSeconds(1);
    rows.put("BTC-USD", ticker("BTC-USD", "99"));

    Sink second = open(first.cursor, "BTC-USD");
    assertThat(second.messages).isEmpty();
    assertThat(second.heartbeat.get().getCursor()).isEqualTo(first.cursor);

    now = now.plusSeconds(1);
    assertThat(second.next().getTickersList()).containsExactly(ticker("BTC-USD", "99"));
  }

  @Test
  void aCursorIsOfItsMarketsOnly() throws Exception {
    Sink btc = open("", "BTC-USD");
    btc.next();
    Sink all = open("");
    all.next();

    for (String[] markets : List.of(new String[] {"ETH-USD"}, new String[] {})) {
      assertThat(refusal(btc.cursor, markets)).isEqualTo(Reason.INVALID_CURSOR);
    }
    assertThat(refusal(all.cursor, "BTC-USD")).isEqualTo(Reason.INVALID_CURSOR);
    assertThat(refusal("rubbish", "BTC-USD")).isEqualTo(Reason.INVALID_CURSOR);
    assertThat(refusal(btc.cursor.substring(1), "BTC-USD")).isEqualTo(Reason.INVALID_CURSOR);
  }

  private Reason refusal(String cursor, String... markets) throws Exception {
    try {
      open(cursor, markets);
      throw new AssertionError("Expected a refusal.");
    } catch (java.util.concurrent.ExecutionException e) {
      return ((RefusedException) e.getCause()).refusal().reason();
    }
  }

  private Sink open(String cursor, String... markets) throws Exception {
    Sink sink = new Sink();
    WatchTickerRequest request =
        WatchTickerRequest.newBuilder().setCursor(cursor).addAllMarkets(List.of(markets)).build();
    TickerWatch replica = new TickerWatch(vertx, Listings.markets(), this::tickers, () -> this.now);
    Promise<Void> opened = Promise.promise();
    loop.runOnContext(v -> {
      try {
        replica.open(CALL, request, sink);
        opened.complete();
      } catch (RuntimeException refused) {
        opened.fail(refused);
      }
    });
    get(opened.future());
    return sink;
  }

  private Future<List<Ticker>> tickers(Collection<String> markets) {
    return Future.succeededFuture(
        rows.values().stream()
            .filter(ticker -> markets.contains(ticker.getMarket()))
            .sorted(java.util.Comparator.comparing(Ticker::getMarket))
            .toList());
  }

  private static Ticker ticker(String market, String price) {
    return Ticker.newBuilder().setMarket(market).setLastPrice(price).setTradeCount(5).build();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static final class Sink implements StreamSink<WatchTickerResponse> {
    final LinkedBlockingQueue<WatchTickerResponse> messages = new LinkedBlockingQueue<>();
    volatile Supplier<WatchTickerResponse> heartbeat;
    String cursor;

    WatchTickerResponse next() throws InterruptedException {
      WatchTickerResponse message = messages.poll(10, TimeUnit.SECONDS);
      assertThat(message).as("a message").isNotNull();
      cursor = message.getCursor();
      return message;
    }

    @Override
    public void write(WatchTickerResponse message) {
      messages.add(message);
    }

    @Override
    public boolean isFull() {
      return false;
    }

    @Override
    public void onDrain(Runnable drained) {}

    @Override
    public void onClosed(Runnable closed) {}

    @Override
    public boolean isClosed() {
      return false;
    }

    @Override
    public void heartbeat(Supplier<WatchTickerResponse> message) {
      heartbeat = message;
    }

    @Override
    public void end() {}

    @Override
    public void fail(Throwable why) {
      throw new AssertionError(why);
    }
  }
}
