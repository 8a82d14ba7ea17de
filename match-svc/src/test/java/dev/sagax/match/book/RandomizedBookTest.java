package dev.sagax.match.book;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Plays random commands to the book and to its oracle. After EVERY command the events of both and
 * the whole contents of both books are compared. Repeat a run with {@code -Dsagax.seed=N}.
 */
class RandomizedBookTest {
  private static final int COMMANDS = 1_000_000;

  /**
   * A kind of market.
   *
   * @param spread prices lie this far around the middle
   * @param accounts few accounts mean many self-trades
   * @param calm about how many orders rest
   * @param bandBps prices of limit orders lie inside and outside of it; 0: no price band
   */
  private record Profile(
      String name,
      int commands,
      long base,
      long lot,
      long middle,
      long spread,
      int accounts,
      int maxFills,
      int marketOrders,
      int calm,
      int bandBps) {

    Profile(
        String name,
        int commands,
        long base,
        long lot,
        long middle,
        long spread,
        int accounts,
        int maxFills,
        int marketOrders,
        int calm) {
      this(name, commands, base, lot, middle, spread, accounts, maxFills, marketOrders, calm, 0);
    }
  }

  private static final List<Profile> PROFILES =
      List.of(
          new Profile("dense prices", 325_000, 1, 1, 1_000, 8, 50, 500, 10, 20),
          new Profile(
              "far prices", 200_000, 1_000, 10, 20_000_000_000L, 19_999_000_000L, 50, 500, 10, 20),
          new Profile("many self-trades", 150_000, 100, 5, 10_000, 30, 3, 500, 10, 20),
          new Profile(
              "market orders",
              200_000,
              100_000_000,
              1_000,
              5_000_000_000_000L,
              900_000,
              20,
              500,
              70,
              4),
          new Profile("short sweeps", 95_000, 1, 1, 500, 4, 8, 3, 20, 20),
          new Profile("prices below a unit a lot", 20_000, 1_000, 10, 60, 40, 20, 500, 20, 20),
          new Profile("price band", 60_000, 100, 5, 10_000, 250, 20, 500, 30, 20, 150),
          new Profile("deep book", 10_000, 1, 1, 100_000, 2_000, 50, 20, 10, 400));

  private int commands;
  private int crossing;
  private int cancels;
  private long resting;
  private final Map<Object, Integer> kinds = new HashMap<>();
  private final Map<String, Integer> selfTrades = new TreeMap<>();

  @Test
  void agreesWithTheNaiveBookAfterEveryCommand() {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("Randomized book: repeat with -Dsagax.seed=" + seed);

    PROFILES.forEach(profile -> play(profile, new SplitMix64(seed ^ profile.name().hashCode())));

    System.out.printf(
        "Randomized book: %d commands, %d %% crossing, %d %% cancels, %d orders resting on average,"
            + " %s%n",
        commands, share(crossing), share(cancels), resting / commands, kinds);
    assertThat(commands).isGreaterThanOrEqualTo(COMMANDS);
    assertThat(share(crossing)).as("crossing, in percent").isGreaterThanOrEqualTo(25);
    assertThat(share(cancels)).as("cancels, in percent").isGreaterThanOrEqualTo(25);
    assertThat(kinds.keySet()).as("what happened at least once").isEqualTo(allKinds());
    assertThat(selfTrades.keySet())
        .as("modes of self-trade prevention that met an order of their own")
        .isEqualTo(everyModeWithEveryTaker());
    assertThat(resting / commands).as("orders resting on average").isGreaterThan(10);
    assertThat(kinds.get(BookEvent.Traded.class)).isGreaterThan(COMMANDS / 5);
    assertThat(kinds.get(BookEvent.CancelReason.BY_OWNER)).isGreaterThan(COMMANDS / 5);
  }

  private int share(int part) {
    return (int) (100L * part / commands);
  }

  private void play(Profile profile, SplitMix64 random) {
    OrderBook book =
        new OrderBook(new BookTerms(profile.base(), profile.maxFills(), profile.bandBps()));
    NaiveBook oracle = new NaiveBook(profile.base(), profile.maxFills(), profile.bandBps());
    for (int number = 1; number <= profile.commands(); number++) {
      if (random.percent(32)) {
        cancel(profile, victim(random, oracle, number), book, oracle);
      } else if (random.percent(5)) {
        long left = profile.lot() * (1 + random.below(30L));
        reduce(profile, victim(random, oracle, number), left, book, oracle);
      } else {
        submit(profile, taker(profile, random, oracle, number), book, oracle);
      }
      compare(profile, number, book, oracle);
      resting += book.size();
    }
    commands += profile.commands();
  }

  private void cancel(Profile profile, long number, OrderBook book, NaiveBook oracle) {
    cancels++;
    count(same(profile, "cancel of " + number, book.cancel(number), oracle.cancel(number)));
  }

  private void reduce(Profile profile, long number, long left, OrderBook book, NaiveBook oracle) {
    count(
        same(
            profile,
            "reduction of %d to %d".formatted(number, left),
            book.reduce(number, left),
            oracle.reduce(number, left)));
  }

  private void submit(Profile profile, Taker taker, OrderBook book, NaiveBook oracle) {
    boolean meetsItself = ownIsBest(taker, oracle);
    crossing += crosses(taker, oracle) ? 1 : 0;
    List<BookEvent> events = same(profile, taker, book.submit(taker), oracle.submit(taker));
    count(events);
    if (meetsItself) {
      selfTrades.merge(taker.selfTrade() + " " + word(taker), 1, Integer::sum);
    }
  }

  /** Nearly always something that rests; sometimes a number that is gone or never was. */
  private static long victim(SplitMix64 random, NaiveBook oracle, int number) {
    List<RestingOrder> resting = oracle.everything();
    return resting.isEmpty() || random.percent(3)
        ? random.below(number + 10L)
        : resting.get(random.below(resting.size())).number();
  }

  private static Taker taker(Profile profile, SplitMix64 random, NaiveBook oracle, int number) {
    String account = "account-" + random.below(profile.accounts());
    SelfTrade selfTrade = random.oneOf(SelfTrade.values());
    Side side = random.oneOf(Side.values());
    List<RestingOrder> makers = oracle.side(side.opposite());
    boolean thin = oracle.everything().size() < profile.calm();
    boolean aggressive = random.percent(thin ? 35 : 65) && !makers.isEmpty();
    long quantity = lots(random, aggressive) * profile.lot();
    if (aggressive && random.percent(profile.marketOrders())) {
      return side == Side.SELL
          ? new Taker.MarketSell(number, account, quantity, selfTrade)
          : new Taker.MarketBuy(
              number, account, budget(random, makers, quantity, profile), profile.lot(), selfTrade);
    }
    long price =
        aggressive
            ? makers.get(random.below(Math.min(makers.size(), 6))).price()
            : passivePrice(profile, random, side);
    return new Taker.Limit(
        number, account, side, price, quantity, timeInForce(random, aggressive), selfTrade);
  }

  /** Takers are small, so that books stay filled, but for a few that sweep. */
  private static long lots(SplitMix64 random, boolean aggressive) {
    long most = !aggressive ? 60 : random.percent(96) ? 3 : 200;
    return 1 + random.below(most);
  }

  /** Around the cost of some lots, so that budgets end at, just below and just above a lot. */
  private static long budget(
      SplitMix64 random, List<RestingOrder> makers, long quantity, Profile profile) {
    long price = makers.get(random.below(Math.min(makers.size(), 6))).price();
    long cost = (long) ((double) price * quantity / profile.base());
    return Math.max(1, cost + random.below(5L) - 2);
  }

  private static long passivePrice(Profile profile, SplitMix64 random, Side side) {
    long away = random.below(profile.spread());
    return side == Side.BUY ? profile.middle() - away : profile.middle() + 1 + away;
  }

  private static TimeInForce timeInForce(SplitMix64 random, boolean aggressive) {
    int dice = random.below(100);
    if (dice < (aggressive ? 40 : 97)) {
      return TimeInForce.GTC;
    }
    return TimeInForce.values()[1 + random.below(3)];
  }

  /** Whether the first maker that the taker reaches is of its own account. */
  private static boolean ownIsBest(Taker taker, NaiveBook before) {
    return crosses(taker, before)
        && before.side(taker.side().opposite()).getFirst().account().equals(taker.account());
  }

  private static String word(Taker taker) {
    return switch (taker) {
      case Taker.Limit limit -> limit.timeInForce().name();
      case Taker.MarketBuy buy -> "MARKET_BUY";
      case Taker.MarketSell sell -> "MARKET_SELL";
    };
  }

  private static Set<String> everyModeWithEveryTaker() {
    Set<String> all = new TreeSet<>();
    for (SelfTrade mode : SelfTrade.values()) {
      for (TimeInForce timeInForce : TimeInForce.values()) {
        all.add(mode + " " + timeInForce);
      }
      all.add(mode + " MARKET_BUY");
      all.add(mode + " MARKET_SELL");
    }
    return all;
  }

  /** Whether the other side holds an order that the taker would trade with, were it not its own. */
  private static boolean crosses(Taker taker, NaiveBook before) {
    List<RestingOrder> makers = before.side(taker.side().opposite());
    return !makers.isEmpty() && crosses(taker, makers.getFirst().price());
  }

  private static boolean crosses(Taker taker, long best) {
    return switch (taker) {
      case Taker.Limit limit ->
          limit.side() == Side.BUY ? best <= limit.price() : best >= limit.price();
      case Taker.MarketBuy buy -> true;
      case Taker.MarketSell sell -> true;
    };
  }

  private void count(List<BookEvent> events) {
    for (BookEvent event : events) {
      kinds.merge(kind(event), 1, Integer::sum);
    }
  }

  private static Object kind(BookEvent event) {
    return switch (event) {
      case BookEvent.Expired expired -> expired.reason();
      case BookEvent.Cancelled cancelled -> cancelled.reason();
      case BookEvent.Traded t -> BookEvent.Traded.class;
      case BookEvent.Rested r -> BookEvent.Rested.class;
      case BookEvent.Completed c -> BookEvent.Completed.class;
      case BookEvent.Reduced r -> BookEvent.Reduced.class;
    };
  }

  private static Set<Object> allKinds() {
    Set<Object> all = new HashSet<>();
    all.addAll(
        List.of(
            BookEvent.Traded.class,
            BookEvent.Rested.class,
            BookEvent.Completed.class,
            BookEvent.Reduced.class));
    all.addAll(List.of(BookEvent.ExpireReason.values()));
    all.addAll(List.of(BookEvent.CancelReason.values()));
    return all;
  }

  private static List<BookEvent> same(
      Profile profile, Object command, List<BookEvent> book, List<BookEvent> oracle) {
    expectSame(book, oracle, () -> "%s: events of %s".formatted(profile.name(), command));
    return book;
  }

  private static void compare(Profile profile, int at, OrderBook book, NaiveBook oracle) {
    for (Side side : Side.values()) {
      List<RestingOrder> expected = oracle.side(side);
      long best = expected.isEmpty() ? 0 : expected.getFirst().price();
      expectSame(
          book.resting(side),
          expected,
          () -> "%s: %s side after command %d".formatted(profile.name(), side, at));
      expectSame(
          book.best(side).orElse(0),
          best,
          () -> "%s: best %s after command %d".formatted(profile.name(), side, at));
    }
    expectSame(
        book.size(),
        oracle.everything().size(),
        () -> "%s: index after command %d".formatted(profile.name(), at));
  }

  private static void expectSame(Object actual, Object expected, Supplier<String> where) {
    if (!actual.equals(expected)) {
      assertThat(actual).as(where.get()).isEqualTo(expected);
    }
  }
}
