package dev.sagax.match.api;

import dev.sagax.match.Candle;
import dev.sagax.match.CandleInterval;
import dev.sagax.match.store.PgCandles;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.PageSize;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.proto.market.v1.ListCandlesRequest;
import dev.sagax.proto.market.v1.ListCandlesResponse;
import dev.sagax.proto.market.v1.MarketDataServiceGrpcService;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;

/**
 * Candles, read from what is committed. Which one is running depends on the clock of the reader.
 */
public final class CandleApi {
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_PAGE = 1_000;

  private final Markets markets;
  private final SqlClient db;
  private final PgCandles candles;
  private final InstantSource clock;

  public CandleApi(Markets markets, SqlClient db, PgCandles candles, InstantSource clock) {
    this.markets = markets;
    this.db = db;
    this.candles = candles;
    this.clock = clock;
  }

  public void register(GrpcEdge edge) {
    edge.unary(MarketDataServiceGrpcService.ListCandles, this::listCandles);
  }

  /**
   * Which candles a request asks for.
   *
   * @param begin when the first one of the page begins
   * @param end before which the last one of all pages begins
   * @param running when the running one begins
   */
  private record Wanted(
      Market market, CandleInterval interval, int size, long begin, long end, long running) {

    /** There is nothing before a market's first trade. */
    Wanted notBefore(long first) {
      return new Wanted(market, interval, size, Math.max(begin, first), end, running);
    }

    long pageEnd() {
      return Math.min(end, begin + (long) size * interval.seconds);
    }
  }

  Future<ListCandlesResponse> listCandles(Call call, ListCandlesRequest request) {
    Wanted wanted = read(request);
    List<String> list = list(request);
    return candles
        .first(db, wanted.market.name(), wanted.interval)
        .compose(first -> page(wanted, first, list));
  }

  private Wanted read(ListCandlesRequest request) {
    Market market = MarketRequests.market(markets, request.getMarket());
    CandleInterval interval = CandleMapper.interval(request.getInterval());
    int size = PageSize.of(request.getPageSize(), DEFAULT_PAGE, MAX_PAGE);
    long running = interval.startOf(clock.instant().getEpochSecond());
    long end = running + interval.seconds;
    if (request.hasTo()) {
      end = Math.min(end, endBefore(request, interval));
    }
    long begin =
        request.hasFrom()
            ? interval.startOf(MarketRequests.seconds("from", request.getFrom()))
            : end - (long) size * interval.seconds;
    if (request.hasFrom() && request.hasTo() && begin >= endBefore(request, interval)) {
      throw MarketRequests.refuse(
          Reason.INVALID_TIME, "to", "Expected a time after the start of the candles.");
    }
    long next =
        PageToken.read(list(request), request.getPageToken(), Long::parseLong).orElse(begin);
    return new Wanted(
        market, interval, size, Math.max(begin, interval.startOf(next)), end, running);
  }

  /** The start of the first candle that does not begin before the request's end. */
  private static long endBefore(ListCandlesRequest request, CandleInterval interval) {
    long to = MarketRequests.seconds("to", request.getTo());
    boolean within = to % interval.seconds != 0 || request.getTo().getNanos() > 0;
    return interval.startOf(to) + (within ? interval.seconds : 0);
  }

  private Future<ListCandlesResponse> page(Wanted asked, OptionalLong first, List<String> list) {
    if (first.isEmpty() || first.getAsLong() >= asked.end) {
      return Future.succeededFuture(ListCandlesResponse.getDefaultInstance());
    }
    Wanted wanted = asked.notBefore(first.getAsLong());
    return candles
        .span(db, wanted.market.name(), wanted.interval, wanted.begin, wanted.pageEnd())
        .map(found -> response(wanted, found, list));
  }

  private static ListCandlesResponse response(
      Wanted wanted, List<Candle> found, List<String> list) {
    ListCandlesResponse.Builder page = ListCandlesResponse.newBuilder();
    found.forEach(candle ->
        page.addCandles(
            CandleMapper.candle(wanted.market, candle, candle.startSeconds() >= wanted.running)));
    if (wanted.pageEnd() < wanted.end) {
      page.setNextPageToken(PageToken.of(list, Long.toString(wanted.pageEnd())));
    }
    return page.build();
  }

  /** Where a page ends does not depend on its size, so pages of one list may differ in it. */
  private static List<String> list(ListCandlesRequest request) {
    return List.of(
        "ListCandles",
        request.getMarket(),
        request.getInterval().name(),
        request.hasFrom() ? Long.toString(request.getFrom().getSeconds()) : "",
        request.hasTo() ? Long.toString(request.getTo().getSeconds()) : "");
  }
}
