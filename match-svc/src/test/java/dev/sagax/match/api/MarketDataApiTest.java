package dev.sagax.match.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.match.Listings;
import dev.sagax.match.book.Side;
import dev.sagax.match.store.BookView;
import dev.sagax.match.store.PgBook;
import dev.sagax.match.store.PgTrades;
import dev.sagax.match.store.TradeView;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Caller;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.market.v1.GetOrderBookRequest;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.ListTradesResponse;
import dev.sagax.proto.market.v1.MarketState;
import dev.sagax.proto.market.v1.PriceLevel;
import dev.sagax.proto.market.v1.Trade;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What the API decides before and after it reads; the reads themselves are tested on a server. */
class MarketDataApiTest {
  private static final Call CALL = new Call(new Caller("alice", Set.of(Scope.READ)), 0, "r1");

  private final Markets markets = Listings.markets();
  private final Market market = markets.market("BTC-USD").orElseThrow();
  private final MarketDataApi api =
      new MarketDataApi(markets, null, new PgBook("match-svc"), new PgTrades());

  @Test
  void marketsAreListedByNameWithTheirRulesAsDecimals() {
    var listed = api.listed(Map.of("BTC-USD", MarketState.MARKET_STATE_HALTED_VALUE));

    assertThat(listed.getMarketsList())
        .extracting(dev.sagax.proto.market.v1.Market::getName)
        .containsExactly("BTC-USD", "ETH-BTC", "ETH-USD");
    assertThat(listed.getMarkets(0))
        .isEqualTo(
            dev.sagax.proto.market.v1.Market.newBuilder()
                .setName("BTC-USD")
                .setBaseAsset("BTC")
                .setQuoteAsset("USD")
                .setTick("0.01")
                .setLot("0.01")
                .setMinNotional("1")
                .setMakerBps(10)
                .setTakerBps(20)
                .setBaseScale(2)
                .setQuoteScale(2)
                .setState(MarketState.MARKET_STATE_HALTED)
                .build());
    assertThat(listed.getMarkets(1).getState()).isEqualTo(MarketState.MARKET_STATE_TRADING);
  }

  @Test
  void orderBookIsRefusedWithTheFieldAtFault() {
    expectRefusal(() -> book("", 0), Reason.FIELD_REQUIRED, "market");
    expectRefusal(() -> book("XYZ-USD", 0), Reason.UNKNOWN_MARKET, "market");
    expectRefusal(() -> book("BTC-USD", -1), Reason.INVALID_PAGE_SIZE, "depth");
    expectRefusal(() -> book("BTC-USD", 5_001), Reason.INVALID_PAGE_SIZE, "depth");
    expectRefusal(() -> grouped("0.005"), Reason.TOO_MANY_DECIMALS, "group");
    expectRefusal(() -> grouped("0"), Reason.NOT_POSITIVE, "group");
  }

  @Test
  void tradesAreRefusedWithTheFieldAtFault() {
    expectRefusal(() -> trades("", 0, ""), Reason.FIELD_REQUIRED, "market");
    expectRefusal(() -> trades("XYZ-USD", 0, ""), Reason.UNKNOWN_MARKET, "market");
    expectRefusal(() -> trades("BTC-USD", -1, ""), Reason.INVALID_PAGE_SIZE, "page_size");
    expectRefusal(() -> trades("BTC-USD", 1_001, ""), Reason.INVALID_PAGE_SIZE, "page_size");
    expectRefusal(() -> trades("BTC-USD", 0, "abc"), Reason.INVALID_PAGE_TOKEN, "page_token");
  }

  @Test
  void tokenIsGoodForItsMarketOnly() {
    String token = TradesToken.of("BTC-USD", 77);

    assertThat(TradesToken.beforeId("BTC-USD", token)).isEqualTo(77);
    assertThat(TradesToken.beforeId("BTC-USD", "")).isEqualTo(Long.MAX_VALUE);
    for (String foreign : List.of(TradesToken.of("ETH-USD", 77), token + "=", "%%%", "7", "  ")) {
      expectRefusal(
          () -> TradesToken.beforeId("BTC-USD", foreign), Reason.INVALID_PAGE_TOKEN, "page_token");
    }
    expectRefusal(
        () -> TradesToken.beforeId("BTC-USD", TradesToken.of("BTC-USD", 0)),
        Reason.INVALID_PAGE_TOKEN,
        "page_token");
  }

  @Test
  void fullPageWithMoreBehindItNamesTheNext() {
    ListTradesResponse page = MarketDataApi.page(market, trades(9, 6), 3, "alice");

    assertThat(page.getTradesList()).extracting(Trade::getTradeId).containsExactly(9L, 8L, 7L);
    assertThat(TradesToken.beforeId("BTC-USD", page.getNextPageToken())).isEqualTo(7);
  }

  @Test
  void lastPageNamesNoNext() {
    ListTradesResponse page = MarketDataApi.page(market, trades(9, 7), 3, "alice");

    assertThat(page.getTradesCount()).isEqualTo(3);
    assertThat(page.getNextPageToken()).isEmpty();
  }

  @Test
  void orderIdsAreShownToTheirOwnerOnly() {
    TradeView trade = trades(1, 1).getFirst();

    Trade asMaker = MarketMapper.trade(market, trade, "alice");
    Trade asTaker = MarketMapper.trade(market, trade, "bob");
    Trade asStranger = MarketMapper.trade(market, trade, "carol");

    assertThat(asMaker.getMakerOrderId()).isEqualTo("a1");
    assertThat(asMaker.getTakerOrderId()).isEmpty();
    assertThat(asTaker.getMakerOrderId()).isEmpty();
    assertThat(asTaker.getTakerOrderId()).isEqualTo("b1");
    assertThat(asStranger.getMakerOrderId() + asStranger.getTakerOrderId()).isEmpty();
    assertThat(asStranger.getPrice()).isEqualTo("1.5");
    assertThat(asStranger.getQuantity()).isEqualTo("2");
    assertThat(asStranger.getQuoteAmount()).isEqualTo("3");
    assertThat(asStranger.getTime().getSeconds()).isEqualTo(1);
    assertThat(asStranger.getTime().getNanos()).isEqualTo(500_001_000);
  }

  @Test
  void levelMayHoldMoreThanALong() {
    BigInteger sum = BigInteger.valueOf(Long.MAX_VALUE).multiply(BigInteger.TEN);

    PriceLevel level = MarketMapper.level(market, new BookView.Level(12_345, sum, 20));

    assertThat(level.getPrice()).isEqualTo("123.45");
    assertThat(level.getQuantity()).isEqualTo("922337203685477580.7");
    assertThat(level.getOrders()).isEqualTo(20);
  }

  private void book(String name, int depth) {
    api.getOrderBook(
        CALL, GetOrderBookRequest.newBuilder().setMarket(name).setDepth(depth).build());
  }

  private void grouped(String step) {
    api.getOrderBook(
        CALL, GetOrderBookRequest.newBuilder().setMarket("BTC-USD").setGroup(step).build());
  }

  private void trades(String name, int size, String token) {
    api.listTrades(
        CALL,
        ListTradesRequest.newBuilder()
            .setMarket(name)
            .setPageSize(size)
            .setPageToken(token)
            .build());
  }

  private static List<TradeView> trades(long newest, long oldest) {
    return LongStream.rangeClosed(-newest, -oldest)
        .map(Math::negateExact)
        .mapToObj(id ->
            new TradeView(
                id,
                Side.BUY,
                150,
                200,
                300,
                new TradeView.Owner("a" + id, "alice"),
                new TradeView.Owner("b" + id, "bob"),
                1_500_001))
        .toList();
  }

  private static void expectRefusal(ThrowingCallable call, Reason reason, String field) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.refusal().reason()).isEqualTo(reason);
              assertThat(refused.refusal().field()).isEqualTo(field);
            });
  }
}
