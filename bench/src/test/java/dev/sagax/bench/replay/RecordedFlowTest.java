package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.bench.replay.Funding.Need;
import dev.sagax.bench.replay.Instruction.Cancel;
import dev.sagax.bench.replay.Instruction.Place;
import dev.sagax.bench.replay.Instruction.Side;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The recorded flow in the test data: it fits its markets, and it says what it says it says. */
class RecordedFlowTest {
  private final OrderFile orders = OrderFile.read(file("orders.csv"), Long.MAX_VALUE);
  private final Map<String, MarketRules> markets = rules();

  @Test
  void everyLineFitsTheMarkets() {
    MarketRules.check(orders.file(), orders.places(), markets);

    assertThat(orders.instructions()).hasSize(4_281);
    assertThat(orders.byMarket()).containsOnlyKeys("NMR-EUR", "BAND-BTC");
  }

  @Test
  void anOffTickPriceIsNamedBeforeAnythingIsSent() {
    Place offTick = new Place(7, "NMR-EUR", "x", Owner.MAKER, Side.BUY, "1.00005", "1");

    assertThatThrownBy(() -> MarketRules.check(orders.file(), List.of(offTick), markets))
        .hasMessageContaining(
            "orders.csv:7: column price: 1.00005 is not a whole number of the tick");
  }

  @Test
  void anUnknownMarketIsNamedBeforeAnythingIsSent() {
    Place unknown = new Place(7, "X-Y", "x", Owner.MAKER, Side.BUY, "1", "1");

    assertThatThrownBy(() -> MarketRules.check(orders.file(), List.of(unknown), markets))
        .hasMessageContaining("orders.csv:7: column market: the exchange has no market X-Y");
  }

  @Test
  void ownersNeedWhatTheirOrdersHold() {
    List<Place> places =
        List.of(
            new Place(2, "NMR-EUR", "1", Owner.MAKER, Side.BUY, "0.0001", "0.001"),
            new Place(3, "NMR-EUR", "2", Owner.MAKER, Side.BUY, "2", "3"),
            new Place(4, "NMR-EUR", "3", Owner.TAKER, Side.SELL, "2", "1.5"));

    assertThat(Funding.of(places, markets))
        .containsExactly(
            Map.entry(new Need(Owner.MAKER, "EUR"), new BigDecimal("6.0000001")),
            Map.entry(new Need(Owner.TAKER, "NMR"), new BigDecimal("1.5")));
  }

  /** One order a level and takers that name their price: a map is book enough to check the data. */
  @Test
  void aBookOfOneOrderALevelGivesTheRecordedTradesAndBook() {
    Map<String, List<RecordedTrade>> trades = new TreeMap<>();
    Map<BookSide, Map<BigDecimal, BigDecimal>> books = new TreeMap<>();
    Map<String, Place> levels = new HashMap<>();

    for (Instruction instruction : orders.instructions()) {
      switch (instruction) {
        case Place place when place.owner() == Owner.MAKER -> {
          BigDecimal price = new BigDecimal(place.price());
          assertThat(book(books, place.market(), place.side())).doesNotContainKey(price);
          book(books, place.market(), place.side()).put(price, new BigDecimal(place.quantity()));
          levels.put(level(place.market(), place.side(), price), place);
        }
        case Place place -> take(place, books, levels, trades);
        case Cancel cancel ->
            levels.values().stream()
                .filter(place -> place.market().equals(cancel.market()))
                .filter(place -> place.clientOrderId().equals(cancel.clientOrderId()))
                .findFirst()
                .ifPresent(place ->
                    book(books, place.market(), place.side())
                        .remove(new BigDecimal(place.price())));
      }
    }

    assertThat(Comparison.ofTrades(RecordedTrade.read(file("trades.csv")), trades)).isEmpty();
    assertThat(Comparison.ofBooks(BookSide.read(file("book.csv")), books)).isEmpty();
    assertThat(trades.values().stream().mapToInt(List::size).sum()).isEqualTo(16);
  }

  private static void take(
      Place taker,
      Map<BookSide, Map<BigDecimal, BigDecimal>> books,
      Map<String, Place> levels,
      Map<String, List<RecordedTrade>> trades) {
    Side other = taker.side() == Side.BUY ? Side.SELL : Side.BUY;
    TreeMap<BigDecimal, BigDecimal> resting =
        (TreeMap<BigDecimal, BigDecimal>) book(books, taker.market(), other);
    BigDecimal limit = new BigDecimal(taker.price());
    BigDecimal left = new BigDecimal(taker.quantity());
    while (left.signum() > 0 && !resting.isEmpty()) {
      BigDecimal price = other == Side.SELL ? resting.firstKey() : resting.lastKey();
      int beyond = price.compareTo(limit) * (other == Side.SELL ? 1 : -1);
      if (beyond > 0) {
        return;
      }
      BigDecimal traded = left.min(resting.get(price));
      left = left.subtract(traded);
      resting.merge(price, traded.negate(), BigDecimal::add);
      resting.values().removeIf(quantity -> quantity.signum() == 0);
      String maker = levels.get(level(taker.market(), other, price)).clientOrderId();
      trades
          .computeIfAbsent(taker.market(), market -> new ArrayList<>())
          .add(new RecordedTrade(taker.market(), taker.side(), price, traded, maker));
    }
  }

  private static Map<BigDecimal, BigDecimal> book(
      Map<BookSide, Map<BigDecimal, BigDecimal>> books, String market, Side side) {
    return books.computeIfAbsent(new BookSide(market, side), s -> new TreeMap<>());
  }

  private static String level(String market, Side side, BigDecimal price) {
    return market + side + price.stripTrailingZeros().toPlainString();
  }

  static Map<String, MarketRules> rules() {
    Map<String, MarketRules> rules = new TreeMap<>();
    for (Market market : Markets.load(file("markets.yaml"), 4).markets()) {
      rules.put(
          market.name(),
          new MarketRules(
              market.name(),
              market.base().name(),
              market.quote().name(),
              market.quote().scale(),
              BigDecimal.valueOf(market.tickUnits(), market.quote().scale()),
              BigDecimal.valueOf(market.lotUnits(), market.base().scale())));
    }
    return rules;
  }

  private static Path file(String name) {
    return RecordedFiles.path(name);
  }
}
