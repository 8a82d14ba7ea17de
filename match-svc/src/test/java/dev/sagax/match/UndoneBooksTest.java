package dev.sagax.match;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.match.Instruction.Amend;
import dev.sagax.match.Instruction.Cancel;
import dev.sagax.match.Instruction.FrozenRules;
import dev.sagax.match.Instruction.Place;
import dev.sagax.match.Instruction.Replaced;
import dev.sagax.match.book.SelfTrade;
import dev.sagax.match.book.Side;
import dev.sagax.match.book.SplitMix64;
import dev.sagax.match.book.Taker;
import dev.sagax.match.book.TimeInForce;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Books and a ledger that refuses the outcomes of damaged orders, at any distance from each other.
 * The ledger here only counts what is left of each order.
 */
class UndoneBooksTest {
  private static final String MARKET = "BTC-USD";
  private static final int STEPS = 60_000;

  private final Matching matching = new Matching(Listings.markets(), Listings.PARTITION);
  private final Map<Long, BookedOrder> resting = new HashMap<>();
  private final Map<String, Long> left = new HashMap<>();
  private final Set<String> damaged = new HashSet<>();
  private final Queue<Outcome> outcomes = new ArrayDeque<>();
  private final Queue<Reversal> refused = new ArrayDeque<>();
  private long number;
  private int settledFills;
  private int undoneTrades;
  private int reductions;
  private int replacements;

  @Test
  void whenAllIsUndoneNothingIsLeftOfAnOrderButWhatRests() {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("Undone books: repeat with -Dsagax.seed=" + seed);
    SplitMix64 random = new SplitMix64(seed);

    for (int step = 0; step < STEPS; step++) {
      switch (random.below(8)) {
        case 0, 1, 2 -> instruct(random);
        case 3, 4, 5 -> settle();
        case 6 -> undo();
        default -> damage(random);
      }
    }
    while (!outcomes.isEmpty() || !refused.isEmpty()) {
      settle();
      undo();
    }

    assertThat(settledFills).isGreaterThan(STEPS / 50);
    assertThat(undoneTrades).isGreaterThan(STEPS / 500);
    assertThat(reductions).isGreaterThan(STEPS / 500);
    assertThat(replacements).isGreaterThan(STEPS / 500);
    Map<String, Long> rests =
        resting.values().stream()
            .collect(Collectors.toMap(BookedOrder::orderId, BookedOrder::quantity));
    left.values().removeIf(units -> units == 0);
    assertThat(left).isEqualTo(rests);
  }

  private void instruct(SplitMix64 random) {
    number++;
    BookedOrder victim = resting.get(1 + random.below(number));
    if (!resting.isEmpty() && random.percent(10)) {
      outcomes.add(matching.apply(amend(random)));
    } else if (!resting.isEmpty() && random.percent(10)) {
      outcomes.add(matching.apply(replace(random)));
    } else if (victim != null && random.percent(30)) {
      outcomes.add(
          matching.apply(
              new Cancel(number, 0, MARKET, victim.orderId(), victim.account(), victim.number())));
    } else {
      Taker taker = taker(random);
      left.put(Listings.orderId(number), wanted(taker));
      outcomes.add(
          matching.apply(
              new Place(
                  number, 0, MARKET, Listings.orderId(number), taker, new FrozenRules(2, 10, 20))));
    }
    remember();
  }

  /** Of some order that rests, to more or less than is left of it. */
  private Amend amend(SplitMix64 random) {
    BookedOrder order = List.copyOf(resting.values()).get(random.below(resting.size()));
    return new Amend(
        number,
        0,
        MARKET,
        order.orderId(),
        order.account(),
        order.number(),
        1 + random.below(order.ordered()),
        order.ordered());
  }

  /** Of some order that rests, at another price and for more or less than is left of it. */
  private Place replace(SplitMix64 random) {
    BookedOrder order = List.copyOf(resting.values()).get(random.below(resting.size()));
    Taker taker =
        new Taker.Limit(
            number,
            order.account(),
            order.side(),
            900 + random.below(20L),
            1 + random.below(2 * order.ordered()),
            random.percent(70) ? TimeInForce.GTC : TimeInForce.POST_ONLY,
            random.oneOf(SelfTrade.values()));
    left.put(Listings.orderId(number), wanted(taker));
    replacements++;
    return new Place(
        number,
        0,
        MARKET,
        Listings.orderId(number),
        taker,
        new FrozenRules(2, 10, 20),
        Optional.of(
            new Replaced(order.orderId(), order.number(), order.ordered(), random.percent(30))));
  }

  private Taker taker(SplitMix64 random) {
    String account = "account-" + random.below(10);
    SelfTrade selfTrade = random.oneOf(SelfTrade.values());
    long quantity = 1 + random.below(20L);
    return switch (random.below(10)) {
      case 0 -> new Taker.MarketSell(number, account, quantity, selfTrade);
      case 1 -> new Taker.MarketBuy(number, account, 10 * quantity, 1, selfTrade);
      default ->
          new Taker.Limit(
              number,
              account,
              random.oneOf(Side.values()),
              900 + random.below(20L),
              quantity,
              random.percent(70) ? TimeInForce.GTC : random.oneOf(TimeInForce.values()),
              selfTrade);
    };
  }

  private static long wanted(Taker taker) {
    return switch (taker) {
      case Taker.Limit limit -> limit.quantity();
      case Taker.MarketBuy buy -> buy.budget();
      case Taker.MarketSell sell -> sell.quantity();
    };
  }

  /** Damages an order that rests, or the one that comes next; not too often. */
  private void damage(SplitMix64 random) {
    if (!random.percent(15)) {
      return;
    }
    BookedOrder order = resting.get(1 + random.below(number + 1));
    damaged.add(order == null ? Listings.orderId(number + 1) : order.orderId());
  }

  private void settle() {
    switch (outcomes.poll()) {
      case null -> {}
      case Outcome.Placed placed -> settle(placed);
      case Outcome.Cancelled cancelled -> release(List.of(cancelled.release()));
      case Outcome.Reduced reduced -> {
        release(List.of(reduced.release()));
        reductions++;
      }
      case Outcome.Undone undone -> release(undone.releases());
      case Outcome.NothingLeft nothing -> {}
    }
  }

  private void settle(Outcome.Placed placed) {
    Set<String> atFault =
        Stream.concat(
                placed.trades().stream().map(Trade::maker),
                Stream.concat(
                    Stream.of(placed.taker()), placed.releases().stream().map(Release::order)))
            .map(Party::orderId)
            .filter(damaged::contains)
            .collect(Collectors.toSet());
    if (!placed.trades().isEmpty() && !atFault.isEmpty()) {
      refused.add(
          new Reversal(1, 0, MARKET, placed.taker(), placed.trades(), placed.releases(), atFault));
      return;
    }
    for (Trade trade : placed.trades()) {
      take(trade.taker(), trade.taker().leftInQuote() ? trade.quote() : trade.quantity());
      take(trade.maker(), trade.quantity());
      settledFills++;
    }
    release(placed.releases());
  }

  private void release(List<Release> releases) {
    releases.forEach(release -> take(release.order(), release.left()));
  }

  private void take(Party order, long units) {
    long now = left.get(order.orderId()) - units;
    assertThat(now).as("left of order %s", order.orderId()).isNotNegative();
    left.put(order.orderId(), now);
  }

  private void undo() {
    Reversal reversal = refused.poll();
    if (reversal != null) {
      Outcome.Undone undone = matching.undo(reversal);
      undoneTrades += undone.tradeIds().size();
      outcomes.add(undone);
      remember();
    }
  }

  private void remember() {
    BookChanges changes = matching.takeChanges();
    changes.gone().forEach(resting::remove);
    List<BookedOrder> now = new ArrayList<>(changes.rested());
    now.addAll(changes.reduced());
    now.forEach(order -> resting.put(order.number(), order));
  }
}
