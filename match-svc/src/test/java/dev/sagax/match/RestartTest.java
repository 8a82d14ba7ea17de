package dev.sagax.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.match.Instruction.Amend;
import dev.sagax.match.Instruction.Cancel;
import dev.sagax.match.Instruction.FrozenRules;
import dev.sagax.match.Instruction.Place;
import dev.sagax.match.Release.Ending;
import dev.sagax.match.book.BookEvent.ExpireReason;
import dev.sagax.match.book.SelfTrade;
import dev.sagax.match.book.Side;
import dev.sagax.match.book.SplitMix64;
import dev.sagax.match.book.Taker;
import dev.sagax.match.book.TimeInForce;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Books that are thrown away and loaded from their rows at random decide exactly as books that
 * never were. Repeat a run with {@code -Dsagax.seed=N}.
 */
class RestartTest {
  private static final int BATCHES = 4_000;
  private static final List<String> MARKETS = List.of("BTC-USD", "ETH-USD");

  /** The rows, as a store would keep them. */
  private final TreeMap<Long, BookedOrder> table = new TreeMap<>();

  private final Map<String, LastTrade> lastTrades = new HashMap<>();

  /** The price levels as their changes told of them. */
  private final Map<String, String> shown = new TreeMap<>();

  private int restarts;
  private int trades;
  private long outOfBand;
  private long number;

  @Test
  void restartedBooksDecideLikeBooksThatNeverStopped() {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("Restarted books: repeat with -Dsagax.seed=" + seed);
    SplitMix64 random = new SplitMix64(seed);
    Matching steady = new Matching(Listings.banded(), Listings.PARTITION);
    Matching restarted = load();

    for (int batch = 0; batch < BATCHES; batch++) {
      if (random.percent(20)) {
        restarted = load();
        restarts++;
      }
      for (int i = random.below(30); i >= 0; i--) {
        Instruction instruction = instruction(random);
        Outcome outcome = restarted.apply(instruction);
        assertThat(outcome).isEqualTo(steady.apply(instruction));
        remember(outcome);
      }
      save(restarted.takeChanges());
      show(restarted.takeLevelChanges());
      if (batch % 10 == 0) {
        assertThat(shown).isEqualTo(levels());
      }
    }

    assertThat(restarts).isGreaterThan(BATCHES / 10);
    assertThat(trades).isGreaterThan(BATCHES);
    assertThat(outOfBand).isGreaterThan(BATCHES);
  }

  private Matching load() {
    Matching matching = new Matching(Listings.banded(), Listings.PARTITION);
    table.values().forEach(matching::restore);
    lastTrades.forEach(matching::restoreLastTrade);
    return matching;
  }

  private void save(BookChanges changes) {
    changes.gone().forEach(gone -> assertThat(table.remove(gone)).isNotNull());
    changes.reduced().forEach(order -> assertThat(table.put(order.number(), order)).isNotNull());
    changes.rested().forEach(order -> assertThat(table.put(order.number(), order)).isNull());
  }

  /** As somebody who watches the books, and forgets what is empty. */
  private void show(Map<String, List<LevelChange>> changes) {
    changes.forEach((market, levels) ->
        levels.forEach(level -> {
          String place = place(market, level.side(), level.price());
          String now = level.quantity() + " in " + level.orders();
          String before = level.orders() == 0 ? shown.remove(place) : shown.put(place, now);
          assertThat(now).as("a change of %s", place).isNotEqualTo(before);
          assertThat(level.orders() == 0).isEqualTo(level.quantity().signum() == 0);
        }));
  }

  private Map<String, String> levels() {
    Map<String, List<BookedOrder>> orders = new TreeMap<>();
    table
        .values()
        .forEach(order ->
            orders
                .computeIfAbsent(
                    place(order.market(), order.side(), order.price()), p -> new ArrayList<>())
                .add(order));
    Map<String, String> levels = new TreeMap<>();
    orders.forEach((place, at) ->
        levels.put(place, at.stream().mapToLong(BookedOrder::quantity).sum() + " in " + at.size()));
    return levels;
  }

  private static String place(String market, Side side, long price) {
    return market + " " + side + " " + price;
  }

  private void remember(Outcome outcome) {
    if (outcome instanceof Outcome.Placed placed) {
      placed
          .trades()
          .forEach(
              trade -> lastTrades.put(trade.market(), new LastTrade(trade.id(), trade.price())));
      outOfBand +=
          placed.releases().stream()
              .filter(release ->
                  release.ending().equals(new Ending.Expired(ExpireReason.PRICE_OUT_OF_BAND)))
              .count();
      trades += placed.trades().size();
    }
  }

  private Instruction instruction(SplitMix64 random) {
    number++;
    String account = "account-" + random.below(10);
    if (random.percent(10)) {
      return amend(random);
    }
    if (random.percent(30)) {
      long victim = 1 + random.below(number);
      BookedOrder order = table.get(victim);
      String market = order == null ? MARKETS.getFirst() : order.market();
      return order == null
          ? new Cancel(number, number, market, Listings.orderId(number), account, -1)
          : new Cancel(number, number, market, order.orderId(), order.account(), victim);
    }
    String market = random.oneOf(MARKETS.toArray(String[]::new));
    return new Place(
        number,
        number,
        market,
        Listings.orderId(number),
        taker(random, account),
        new FrozenRules(market.equals("BTC-USD") ? 2 : 0, random.below(30), random.below(30)));
  }

  /** Of an order that rested after the last batch, if there was one. */
  private Instruction amend(SplitMix64 random) {
    var some = table.ceilingEntry(1 + random.below(number));
    BookedOrder order = some == null ? null : some.getValue();
    return order == null
        ? new Cancel(number, number, MARKETS.getFirst(), Listings.orderId(number), "account-0", -1)
        : new Amend(
            number,
            number,
            order.market(),
            order.orderId(),
            order.account(),
            order.number(),
            1 + random.below(order.ordered()),
            order.ordered());
  }

  private Taker taker(SplitMix64 random, String account) {
    SelfTrade selfTrade = random.oneOf(SelfTrade.values());
    long quantity = 1 + random.below(20L);
    return switch (random.below(10)) {
      case 0 -> new Taker.MarketSell(number, account, quantity, selfTrade);
      case 1 -> new Taker.MarketBuy(number, account, 100 * quantity, 1, selfTrade);
      default ->
          new Taker.Limit(
              number,
              account,
              random.oneOf(Side.values()),
              900 + random.below(200L),
              quantity,
              random.percent(80) ? TimeInForce.GTC : random.oneOf(TimeInForce.values()),
              selfTrade);
    };
  }
}
