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
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private static final long SECONDS_A_MINUTE = 60;

  /** Nobody waits for a clock that is further ahead: it is wrong. */
  private static final long MOST_AHEAD_MINUTES = 5;

  private final Vertx vertx;
  private final Markets markets;
  private final Function<Collection<String>, Future<List<Ticker>>> tickers;
  private final InstantSource clock;
  private final Set<Watch> watches = new LinkedHashSet<>();
  private boolean looking;

  /**
   * @param tickers of markets, now
   * @param clock that they are made by
   */
  TickerWatch(
      Vertx vertx,
      Markets markets,
      Function<Collection<String>, Future<List<Ticker>>> tickers,
      InstantSource clock) {
    this.vertx = vertx;
    this.markets = markets;
    this.tickers = tickers;
    this.clock = clock;
  }

  void open(Call call, WatchTickerRequest request, StreamSink<WatchTickerResponse> sink) {
    Set<String> names = names(request);
    List<String> stream =
        List.of("WatchTicker", request.getMarketsCount() == 0 ? "" : String.join(",", names));
    Watch watch =
        new Watch(
            names,
            stream,
            TickerCursor.read(stream, request.getCursor()).orElse(TickerCursor.NOTHING_TOLD),
            sink);
    watches.add(watch);
    sink.onClosed(() -> watches.remove(watch));
    sink.heartbeat(() -> watch.message(List.of()));
    look(names).onFailure(sink::fail).onSuccess(watch::show);
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

  /**
   * Tickers as they were asked for.
   *
   * @param minute in which they were, or a moment later
   * @param hashes of them, by market
   */
  private record Look(long minute, List<Ticker> tickers, Map<String, Long> hashes) {}

  private Future<Look> look(Collection<String> names) {
    Future<List<Ticker>> asked = tickers.apply(names);
    long minute = clock.instant().getEpochSecond() / SECONDS_A_MINUTE;
    return asked.map(now -> {
      Map<String, Long> hashes = new HashMap<>();
      now.forEach(ticker -> hashes.put(ticker.getMarket(), TickerCursor.hash(ticker)));
      return new Look(minute, now, hashes);
    });
  }

  private void look() {
    Set<String> watched = new TreeSet<>();
    watches.forEach(watch -> watched.addAll(watch.names));
    if (watched.isEmpty()) {
      looking = false;
      return;
    }
    look(watched)
        .onSuccess(now -> List.copyOf(watches).forEach(watch -> watch.show(now)))
        .onFailure(e -> LOG.warn("The tickers are looked at again in a second: {}", e.toString()))
        .onComplete(done -> vertx.setTimer(EVERY_MILLIS, t -> look()));
  }

  /** What one client watches, and what it was told last. */
  private static final class Watch {
    final Set<String> names;
    final StreamSink<WatchTickerResponse> sink;
    private final List<String> stream;
    private final Map<String, Long> told;
    private long minute;
    private long shownNanos = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS);

    Watch(
        Set<String> names,
        List<String> stream,
        TickerCursor cursor,
        StreamSink<WatchTickerResponse> sink) {
      this.names = names;
      this.stream = stream;
      this.told = new HashMap<>(cursor.told());
      this.told.keySet().retainAll(names);
      this.minute = cursor.minute();
      this.sink = sink;
    }

    /**
     * A client that is behind gets what is new then, and not what was meanwhile. One that comes
     * from a replica whose clock is ahead waits for this one's: the 24 hours do not go back.
     */
    void show(Look now) {
      long silentNanos = System.nanoTime() - shownNanos;
      if (sink.isFull()
          || silentNanos < TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS)
          || now.minute() < minute && minute - now.minute() <= MOST_AHEAD_MINUTES) {
        return;
      }
      minute = now.minute();
      List<Ticker> changed =
          now.tickers().stream()
              .filter(ticker -> names.contains(ticker.getMarket()))
              .filter(ticker -> {
                long hash = now.hashes().get(ticker.getMarket());
                return !Objects.equals(told.put(ticker.getMarket(), hash), hash);
              })
              .toList();
      if (!changed.isEmpty()) {
        shownNanos = System.nanoTime();
        sink.write(message(changed));
      }
    }

    WatchTickerResponse message(List<Ticker> changed) {
      return WatchTickerResponse.newBuilder()
          .addAllTickers(changed)
          .setCursor(new TickerCursor(minute, told).text(stream))
          .build();
    }
  }
}
