package dev.sagax.match.api;

import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.proto.market.v1.Ticker;
import dev.sagax.proto.market.v1.WatchTickerRequest;
import dev.sagax.proto.market.v1.WatchTickerResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code WatchTicker}: once a second one query for all that is watched, and to each client what has
 * changed for it since. Nothing is asked while nobody watches.
 */
final class TickerWatch {
  private static final Logger LOG = LoggerFactory.getLogger(TickerWatch.class);
  private static final long EVERY_MILLIS = 1_000;

  private final Vertx vertx;
  private final Markets markets;
  private final Function<Collection<String>, Future<List<Ticker>>> tickers;
  private final Set<Watch> watches = new LinkedHashSet<>();
  private boolean looking;

  /**
   * @param tickers of markets, now
   */
  TickerWatch(
      Vertx vertx, Markets markets, Function<Collection<String>, Future<List<Ticker>>> tickers) {
    this.vertx = vertx;
    this.markets = markets;
    this.tickers = tickers;
  }

  void open(Call call, WatchTickerRequest request, StreamSink<WatchTickerResponse> sink) {
    Watch watch = new Watch(names(request), sink);
    watches.add(watch);
    sink.onClosed(() -> watches.remove(watch));
    sink.heartbeat(WatchTickerResponse::getDefaultInstance);
    tickers.apply(watch.names).onFailure(sink::fail).onSuccess(watch::show);
    if (!looking) {
      looking = true;
      vertx.setTimer(EVERY_MILLIS, t -> look());
    }
  }

  private Set<String> names(WatchTickerRequest request) {
    Set<String> names = new TreeSet<>();
    if (request.getMarketsCount() == 0) {
      markets.markets().forEach(market -> names.add(market.name()));
    }
    for (int i = 0; i < request.getMarketsCount(); i++) {
      Market market =
          MarketRequests.market(markets, "markets[%d]".formatted(i), request.getMarkets(i));
      names.add(market.name());
    }
    return names;
  }

  private void look() {
    Set<String> watched = new TreeSet<>();
    watches.forEach(watch -> watched.addAll(watch.names));
    if (watched.isEmpty()) {
      looking = false;
      return;
    }
    tickers
        .apply(watched)
        .onSuccess(now -> List.copyOf(watches).forEach(watch -> watch.show(now)))
        .onFailure(e -> LOG.warn("The tickers are looked at again in a second: {}", e.toString()))
        .onComplete(done -> vertx.setTimer(EVERY_MILLIS, t -> look()));
  }

  /** What one client watches, and what it was shown last. */
  private static final class Watch {
    final Set<String> names;
    final StreamSink<WatchTickerResponse> sink;
    final Map<String, Ticker> shown = new HashMap<>();
    long shownNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS);

    Watch(Set<String> names, StreamSink<WatchTickerResponse> sink) {
      this.names = names;
      this.sink = sink;
    }

    /** A client that is behind gets what is new then, and not what was meanwhile. */
    void show(List<Ticker> all) {
      long silentNanos = System.nanoTime() - shownNanos;
      if (sink.isFull() || silentNanos < TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS)) {
        return;
      }
      List<Ticker> changed =
          all.stream()
              .filter(ticker -> names.contains(ticker.getMarket()))
              .filter(ticker -> !ticker.equals(shown.put(ticker.getMarket(), ticker)))
              .toList();
      if (!changed.isEmpty()) {
        shownNanos = System.nanoTime();
        sink.write(WatchTickerResponse.newBuilder().addAllTickers(changed).build());
      }
    }
  }
}
