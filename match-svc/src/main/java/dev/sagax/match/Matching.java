package dev.sagax.match;

import dev.sagax.match.Instruction.Amend;
import dev.sagax.match.Instruction.Cancel;
import dev.sagax.match.Instruction.Place;
import dev.sagax.match.Instruction.Replaced;
import dev.sagax.match.Release.Ending;
import dev.sagax.match.book.BookEvent;
import dev.sagax.match.book.BookTerms;
import dev.sagax.match.book.OrderBook;
import dev.sagax.match.book.Taker;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The books of the markets of one partition, in memory. One owner, one thread; if what it decided
 * is not committed it is thrown away and loaded again.
 *
 * <p>Everything it decides follows from the instructions and what was loaded. Whatever it throws is
 * a bug or a configuration that does not fit the log; it may then have changed and must be thrown
 * away.
 */
public final class Matching {
  /** The most makers that one instruction may meet, so that every outcome is bounded. */
  public static final int MAX_FILLS = 500;

  private final Map<String, Listed> listed = new TreeMap<>();
  private final Map<Long, BookedOrder> booked = new HashMap<>();

  /** How the orders touched since the last {@link #takeChanges} were before: absent = not there. */
  private final Map<Long, BookedOrder> before = new HashMap<>();

  private final Set<Long> touched = new TreeSet<>();
  private final BookLevels levels = new BookLevels();

  /** A market with its book. */
  private static final class Listed {
    final Market market;
    final OrderBook book;
    long lastTradeId;

    Listed(Market market) {
      this.market = market;
      this.book =
          new OrderBook(new BookTerms(market.base().unitsPerWhole(), MAX_FILLS, market.bandBps()));
      if (market.referenceUnits() > 0) {
        book.restoreReference(market.referenceUnits());
      }
    }
  }

  /**
   * @param markets all markets; those of the partition get an empty book
   */
  public Matching(Markets markets, int partition) {
    for (Market market : markets.markets()) {
      if (market.partition() == partition) {
        listed.put(market.name(), new Listed(market));
      }
    }
  }

  /** The names of the partition's markets. */
  public Set<String> markets() {
    return listed.keySet();
  }

  /** Loads an order that rested before; orders come in the order of their numbers. */
  public void restore(BookedOrder order) {
    listed(order.market()).book.restore(order.resting());
    booked.put(order.number(), order);
    levels.restore(order);
  }

  /** Loads the id and the price of a market's last trade, also of one that was undone. */
  public void restoreLastTrade(String market, LastTrade last) {
    listed(market).lastTradeId = last.id();
    listed(market).book.restoreReference(last.price());
  }

  /** The market that an instruction names, with the book's view of its assets. */
  public Market market(String name) {
    return listed(name).market;
  }

  /** Applies an instruction to its book. */
  public Outcome apply(Instruction instruction) {
    return switch (instruction) {
      case Place place -> place(place);
      case Cancel cancel -> cancel(cancel);
      case Amend amend -> amend(amend);
    };
  }

  /**
   * What is asked of the ledger for an instruction that cannot be matched: a placed order gives all
   * its funds back, a cancel or an amendment finds nothing. The books are not touched.
   */
  public static Outcome giveUp(Instruction instruction) {
    return switch (instruction) {
      case Place place -> {
        Party taker = party(place);
        Release all = new Release(taker, wanted(place.taker()), new Ending.MatchFailed());
        yield new Outcome.Placed(taker, List.of(), List.of(all));
      }
      case Cancel cancel -> new Outcome.NothingLeft(cancel.orderId(), cancel.account());
      case Amend amend -> new Outcome.NothingLeft(amend.orderId(), amend.account());
    };
  }

  private static long wanted(Taker taker) {
    return switch (taker) {
      case Taker.Limit limit -> limit.quantity();
      case Taker.MarketBuy buy -> buy.budget();
      case Taker.MarketSell sell -> sell.quantity();
    };
  }

  /**
   * Undoes an outcome that the ledger refused. The taker and the orders at fault leave the book.
   * The other makers stay with what rests of them, but do not get back what they lost to the
   * outcome.
   */
  public Outcome.Undone undo(Reversal reversal) {
    listed(reversal.market());
    Map<String, Release> releases = new LinkedHashMap<>();
    for (Trade trade : reversal.trades()) {
      long ofTaker = trade.taker().leftInQuote() ? trade.quote() : trade.quantity();
      add(releases, new Release(trade.taker(), ofTaker, new Ending.SettlementFailed()));
      add(releases, new Release(trade.maker(), trade.quantity(), new Ending.SettlementFailed()));
    }
    for (Release release : reversal.releases()) {
      Ending ending =
          reversal.cancels(release.order()) ? new Ending.SettlementFailed() : release.ending();
      add(releases, new Release(release.order(), release.left(), ending));
    }
    List.copyOf(releases.values()).stream()
        .map(Release::order)
        .filter(reversal::cancels)
        .forEach(order -> takeOut(order).ifPresent(rest -> add(releases, rest)));
    return new Outcome.Undone(
        reversal.taker(),
        List.copyOf(releases.values()),
        reversal.trades().stream().map(Trade::id).toList());
  }

  private static void add(Map<String, Release> releases, Release more) {
    releases.merge(
        more.order().orderId(),
        more,
        (one, other) ->
            new Release(one.order(), Math.addExact(one.left(), other.left()), one.ending()));
  }

  /** Takes what rests of an order out of its book. */
  private Optional<Release> takeOut(Party order) {
    BookedOrder rest = booked.get(order.number());
    if (rest == null) {
      return Optional.empty();
    }
    if (!rest.orderId().equals(order.orderId())) {
      throw new IllegalStateException(
          "Expected order %s under number %d, but it is order %s."
              .formatted(order.orderId(), order.number(), rest.orderId()));
    }
    listed(rest.market()).book.cancel(rest.number());
    change(rest.number(), null);
    return Optional.of(new Release(order, rest.quantity(), new Ending.SettlementFailed()));
  }

  /** Whether anything of an order rests. */
  public boolean rests(Party order) {
    return booked.containsKey(order.number());
  }

  /**
   * Checks that the configuration fits a request.
   *
   * @throws IllegalStateException if its market is not one of this partition, or its base asset has
   *     another scale: no fault of the order
   */
  public void requireFits(MatchRequest request) {
    Listed at = listed(request.market());
    if (request instanceof Place place) {
      expectScale(at.market, place.rules().baseScale());
    }
  }

  /** What rests differently since the last call; what it returns counts as stored. */
  public BookChanges takeChanges() {
    List<BookedOrder> rested = new ArrayList<>();
    List<BookedOrder> reduced = new ArrayList<>();
    List<Long> gone = new ArrayList<>();
    for (long number : touched) {
      BookedOrder then = before.get(number);
      BookedOrder now = booked.get(number);
      if (then == null && now != null) {
        rested.add(now);
      } else if (then != null && now == null) {
        gone.add(number);
      } else if (then != null) {
        reduced.add(now);
      }
    }
    touched.clear();
    before.clear();
    return new BookChanges(rested, reduced, gone);
  }

  /** The price levels of each market that are not as at the last call, by the market's name. */
  public Map<String, List<LevelChange>> takeLevelChanges() {
    return levels.takeChanges();
  }

  private Outcome place(Place place) {
    expectScale(listed(place.market()).market, place.rules().baseScale());
    return place.replaced().isEmpty()
        ? submit(place, new ArrayList<>())
        : replace(place, place.replaced().get());
  }

  /**
   * The new order may ask for what the old one has filled or lost as well; that is taken off it. If
   * nothing is left, the amendment came too late: the old order stays and the new one ends.
   */
  private Outcome replace(Place place, Replaced replaced) {
    BookedOrder old = resting(place.market(), replaced.orderId(), replaced.orderNumber());
    long left = old == null ? 0 : leftFor(place, replaced, old);
    if (left <= 0) {
      Release all = new Release(party(place), wanted(place.taker()), new Ending.NothingToReplace());
      return new Outcome.Placed(party(place), List.of(), List.of(all));
    }
    listed(old.market()).book.cancel(old.number());
    change(old.number(), null);
    List<Release> releases = new ArrayList<>();
    releases.add(new Release(old.asMaker(), old.quantity(), new Ending.Replaced()));
    long taken = wanted(place.taker()) - left;
    if (taken > 0) {
      releases.add(new Release(party(place), taken, new Ending.Reduced()));
    }
    return submit(withQuantity(place, left), releases);
  }

  private static long leftFor(Place place, Replaced replaced, BookedOrder old) {
    long gone = ordered(old, replaced.placedQuantity()) - old.quantity();
    return replaced.whatRests()
        ? Math.min(wanted(place.taker()), old.quantity())
        : wanted(place.taker()) - gone;
  }

  private static Place withQuantity(Place place, long quantity) {
    if (!(place.taker() instanceof Taker.Limit limit)) {
      throw new IllegalStateException("Only a limit order replaces another.");
    }
    Taker.Limit rest =
        new Taker.Limit(
            limit.number(),
            limit.account(),
            limit.side(),
            limit.price(),
            quantity,
            limit.timeInForce(),
            limit.selfTrade());
    return new Place(
        place.position(), place.timeMicros(), place.market(), place.orderId(), rest, place.rules());
  }

  /**
   * @param releases that came before; those of the book are added
   */
  private Outcome submit(Place place, List<Release> releases) {
    Listed at = listed(place.market());
    Party taker = party(place);
    List<Trade> trades = new ArrayList<>();
    for (BookEvent event : at.book.submit(place.taker())) {
      switch (event) {
        case BookEvent.Traded traded -> trades.add(trade(traded, taker, place, at));
        case BookEvent.Rested rested -> rest(place, rested);
        case BookEvent.Cancelled cancelled -> releases.add(release(cancelled));
        case BookEvent.Reduced reduced ->
            throw new IllegalStateException("An order reduced another.");
        case BookEvent.Expired expired ->
            releases.add(new Release(taker, expired.left(), new Ending.Expired(expired.reason())));
        case BookEvent.Completed completed ->
            releases.add(new Release(taker, completed.leftBudget(), new Ending.Filled()));
      }
    }
    return new Outcome.Placed(taker, trades, releases);
  }

  private Outcome cancel(Cancel cancel) {
    Listed at = listed(cancel.market());
    BookedOrder order = resting(cancel.market(), cancel.orderId(), cancel.orderNumber());
    if (order == null) {
      return new Outcome.NothingLeft(cancel.orderId(), cancel.account());
    }
    at.book.cancel(order.number());
    change(order.number(), null);
    return new Outcome.Cancelled(
        new Release(
            order.asMaker(),
            order.quantity(),
            new Ending.Cancelled(BookEvent.CancelReason.BY_OWNER)));
  }

  /** All of what it asks for that does not rest is filled or lost, and stays so. */
  private Outcome amend(Amend amend) {
    Listed at = listed(amend.market());
    BookedOrder order = resting(amend.market(), amend.orderId(), amend.orderNumber());
    if (order == null) {
      return new Outcome.NothingLeft(amend.orderId(), amend.account());
    }
    long left = amend.quantity() - (ordered(order, amend.placedQuantity()) - order.quantity());
    if (left <= 0 || left >= order.quantity()) {
      return new Outcome.NothingLeft(amend.orderId(), amend.account());
    }
    at.book.reduce(order.number(), left);
    change(order.number(), order.reducedTo(left, amend.quantity()));
    return new Outcome.Reduced(
        new Release(order.asMaker(), order.quantity() - left, new Ending.Reduced()));
  }

  private static long ordered(BookedOrder order, long placedQuantity) {
    return order.ordered() == 0 ? placedQuantity : order.ordered();
  }

  /** The resting order that an instruction is about; null if it does not rest any more. */
  private BookedOrder resting(String market, String orderId, long number) {
    BookedOrder order = booked.get(number);
    if (order != null && (!order.orderId().equals(orderId) || !order.market().equals(market))) {
      throw new IllegalStateException(
          "Expected order %s of %s under number %d, but it is order %s of %s."
              .formatted(orderId, market, number, order.orderId(), order.market()));
    }
    return order;
  }

  private Trade trade(BookEvent.Traded traded, Party taker, Place place, Listed at) {
    BookedOrder maker = booked.get(traded.makerNumber());
    change(maker.number(), traded.makerLeft() == 0 ? null : maker.withQuantity(traded.makerLeft()));
    return new Trade(
        at.market.name(),
        nextTradeId(at),
        maker.asMaker(),
        taker,
        traded.price(),
        traded.quantity(),
        traded.quote(),
        place.timeMicros());
  }

  private static long nextTradeId(Listed at) {
    at.lastTradeId = Math.incrementExact(at.lastTradeId);
    return at.lastTradeId;
  }

  private void rest(Place place, BookEvent.Rested rested) {
    change(
        rested.number(),
        new BookedOrder(
            rested.number(),
            place.market(),
            place.orderId(),
            place.account(),
            place.taker().side(),
            rested.price(),
            rested.quantity(),
            place.rules().makerBps(),
            wanted(place.taker())));
  }

  private Release release(BookEvent.Cancelled cancelled) {
    BookedOrder maker = booked.get(cancelled.number());
    change(maker.number(), null);
    return new Release(maker.asMaker(), cancelled.left(), new Ending.Cancelled(cancelled.reason()));
  }

  /** Every change of a resting order goes through here. */
  private void change(long number, BookedOrder now) {
    BookedOrder then = now == null ? booked.remove(number) : booked.put(number, now);
    levels.change(then, now);
    if (touched.add(number) && then != null) {
      before.put(number, then);
    }
  }

  private static Party party(Place place) {
    return new Party(
        place.taker().number(),
        place.orderId(),
        place.account(),
        place.taker().side(),
        place.rules().takerBps(),
        place.taker() instanceof Taker.MarketBuy);
  }

  private Listed listed(String market) {
    Listed found = listed.get(market);
    if (found == null) {
      throw new IllegalStateException(
          "There is no market %s in this partition; its markets are %s."
              .formatted(market, listed.keySet()));
    }
    return found;
  }

  private static void expectScale(Market market, int scale) {
    if (scale != market.base().scale()) {
      throw new IllegalStateException(
          "The order was admitted with scale %d of %s, but the configuration says %d."
              .formatted(scale, market.base().name(), market.base().scale()));
    }
  }
}
