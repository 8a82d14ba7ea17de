package dev.sagax.match.book;

import dev.sagax.match.book.BookEvent.CancelReason;
import dev.sagax.match.book.BookEvent.Cancelled;
import dev.sagax.match.book.BookEvent.Completed;
import dev.sagax.match.book.BookEvent.ExpireReason;
import dev.sagax.match.book.BookEvent.Expired;
import dev.sagax.match.book.BookEvent.Reduced;
import dev.sagax.match.book.BookEvent.Rested;
import dev.sagax.match.book.BookEvent.Traded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The order book of one market: price-time priority, trades at the maker's price.
 *
 * <p>Deterministic, single-threaded, integers only. Every operation costs O(log levels) for a price
 * that appears or disappears and O(1) otherwise, for each order that it meets. An instruction that
 * breaks a precondition throws before it changes anything.
 */
public final class OrderBook {
  private final BookTerms terms;
  private final BookSide bids = new BookSide(Side.BUY);
  private final BookSide asks = new BookSide(Side.SELL);
  private final Map<Long, QueuedOrder> byNumber = new HashMap<>();
  private long lastNumber;
  private long reference;

  public OrderBook(BookTerms terms) {
    this.terms = terms;
  }

  /**
   * An order arrives: trades, then rests, expires or completes.
   *
   * @throws IllegalArgumentException if its number is not above all numbers before it
   * @throws ArithmeticException if price x quantity exceeds a long
   */
  public List<BookEvent> submit(Taker taker) {
    List<BookEvent> events = new ArrayList<>(2);
    switch (taker) {
      case Taker.Limit limit -> submitLimit(limit, events);
      case Taker.MarketBuy buy -> spend(buy, events);
      case Taker.MarketSell sell -> sellAtBest(sell, events);
    }
    return events;
  }

  /** Takes a resting order out of the book; no event if none of this number rests. */
  public List<BookEvent> cancel(long number) {
    QueuedOrder order = byNumber.get(number);
    if (order == null) {
      return List.of();
    }
    remove(order);
    return List.of(new Cancelled(number, order.left, CancelReason.BY_OWNER));
  }

  /**
   * Leaves less of a resting order, which keeps its place; no event if none of this number rests,
   * or no more than that.
   *
   * @param left base units, above zero
   */
  public List<BookEvent> reduce(long number, long left) {
    Expect.positive("what is left", left);
    QueuedOrder order = byNumber.get(number);
    if (order == null || order.left <= left) {
      return List.of();
    }
    long by = order.left - left;
    order.left = left;
    return List.of(new Reduced(number, by, left));
  }

  /**
   * Loads an order that rested before; the orders of a book come in the order of their numbers.
   *
   * @throws IllegalArgumentException if its number is not above all numbers before it
   * @throws IllegalStateException if it crosses the other side: an order that rests never does
   */
  public void restore(RestingOrder order) {
    expectWorthFits(order.price(), order.quantity());
    if (side(order.side().opposite()).crossedBy(order.price())) {
      throw new IllegalStateException(
          "Expected a book that does not cross, but order %d rests to %s at %d against the other side."
              .formatted(order.number(), order.side(), order.price()));
    }
    advanceTo(order.number());
    rest(order.number(), order.account(), order.side(), order.price(), order.quantity());
  }

  /**
   * Sets the price that the price band lies around, until a trade sets another; without one there
   * is no band.
   */
  public void restoreReference(long price) {
    Expect.positive("reference price", price);
    reference = price;
  }

  /** Where an order that arrives now may trade; its own trades do not move it. */
  private PriceBand band() {
    return terms.bandBps() == 0 || reference == 0
        ? PriceBand.ANY
        : PriceBand.around(reference, terms.bandBps());
  }

  private void submitLimit(Taker.Limit limit, List<BookEvent> events) {
    expectWorthFits(limit.price(), limit.quantity());
    advanceTo(limit.number());
    if (!band().contains(limit.price())) {
      events.add(new Expired(limit.number(), limit.quantity(), ExpireReason.PRICE_OUT_OF_BAND));
      return;
    }
    switch (limit.timeInForce()) {
      case POST_ONLY -> restOrExpire(limit, events);
      case FOK -> fillOrKill(limit, events);
      case GTC, IOC -> trade(limit, events);
    }
  }

  private void restOrExpire(Taker.Limit limit, List<BookEvent> events) {
    if (makersFor(limit).crossedBy(limit.price())) {
      events.add(new Expired(limit.number(), limit.quantity(), ExpireReason.WOULD_CROSS));
    } else {
      rest(limit, limit.quantity(), events);
    }
  }

  private void fillOrKill(Taker.Limit limit, List<BookEvent> events) {
    if (isFillable(limit)) {
      trade(limit, events);
    } else {
      events.add(new Expired(limit.number(), limit.quantity(), ExpireReason.FILL_OR_KILL));
    }
  }

  /** Whether the order fills wholly, without its own account, the sweep limit or an odd rest. */
  private boolean isFillable(Taker.Limit limit) {
    long missing = limit.quantity();
    int met = 0;
    for (PriceLevel level : makersFor(limit).levels()) {
      if (!limit.side().reaches(limit.price(), level.price)) {
        return false;
      }
      for (QueuedOrder maker = level.first(); maker != null; maker = maker.later) {
        if (met == terms.maxFills() || maker.account.equals(limit.account())) {
          return false;
        }
        if (worth(maker, Math.min(missing, maker.left)) == 0) {
          return false;
        }
        met++;
        missing -= maker.left;
        if (missing <= 0) {
          return true;
        }
      }
    }
    return false;
  }

  private void trade(Taker.Limit limit, List<BookEvent> events) {
    TakerLeft left = new TakerLeft.OfQuantity(limit.side(), limit.price(), limit.quantity());
    switch (sweep(limit, left, events)) {
      case SATISFIED, STOPPED -> {}
      case PRICE_PASSED, BOOK_EMPTY -> {
        if (limit.timeInForce() == TimeInForce.IOC) {
          expire(limit, left, ExpireReason.IMMEDIATE_OR_CANCEL, events);
        } else {
          rest(limit, left.units(), events);
        }
      }
    }
  }

  private void sellAtBest(Taker.MarketSell sell, List<BookEvent> events) {
    advanceTo(sell.number());
    TakerLeft left = new TakerLeft.OfQuantity(Side.SELL, band().low(), sell.quantity());
    switch (sweep(sell, left, events)) {
      case SATISFIED, STOPPED -> {}
      case PRICE_PASSED -> expire(sell, left, ExpireReason.PRICE_OUT_OF_BAND, events);
      case BOOK_EMPTY -> expire(sell, left, ExpireReason.INSUFFICIENT_LIQUIDITY, events);
    }
  }

  private void spend(Taker.MarketBuy buy, List<BookEvent> events) {
    advanceTo(buy.number());
    long highest = band().high();
    TakerLeft.OfBudget left =
        new TakerLeft.OfBudget(buy.budget(), highest, buy.lot(), terms.baseUnitsPerWhole());
    switch (sweep(buy, left, events)) {
      case SATISFIED, STOPPED -> {}
      case PRICE_PASSED -> {
        if (makersFor(buy).best().price > highest) {
          foundNoMore(buy, left, ExpireReason.PRICE_OUT_OF_BAND, events);
        } else if (left.hasTraded()) {
          events.add(new Completed(buy.number(), left.units()));
        } else {
          expire(buy, left, ExpireReason.BUDGET_BELOW_ONE_LOT, events);
        }
      }
      case BOOK_EMPTY -> foundNoMore(buy, left, ExpireReason.INSUFFICIENT_LIQUIDITY, events);
    }
  }

  /** Nobody sells to it any more: it is complete if it would not have bought another lot anyway. */
  private void foundNoMore(
      Taker.MarketBuy buy, TakerLeft.OfBudget left, ExpireReason reason, List<BookEvent> events) {
    if (left.hasTraded() && !left.paysOneMoreLot()) {
      events.add(new Completed(buy.number(), left.units()));
    } else {
      expire(buy, left, reason, events);
    }
  }

  /** How a taker's way through the book ended. */
  private enum SweepEnd {
    /** Nothing is left of it. */
    SATISFIED,
    /** It expired on the way; the event is written. */
    STOPPED,
    /** What is left does not reach, or does not pay, what the best maker asks. */
    PRICE_PASSED,
    /** Nobody rests on the other side any more. */
    BOOK_EMPTY
  }

  /**
   * The one loop in which makers and takers meet. A taker meets a maker once: what it leaves of the
   * maker it could not pay. (Two fills, each rounded down, may cost less than one.)
   *
   * <p>No fill is worth nothing: nobody can be paid for it. Whole lots never are, but the odd rests
   * that a changed lot leaves may be. Whoever has too little left ends: the maker if all of it is
   * not worth a unit, else the taker.
   */
  private SweepEnd sweep(Taker taker, TakerLeft left, List<BookEvent> events) {
    BookSide makers = makersFor(taker);
    for (int met = 0; left.units() > 0; met++) {
      if (makers.best() == null) {
        return SweepEnd.BOOK_EMPTY;
      }
      QueuedOrder maker = makers.best().first();
      long quantity = left.take(maker.level.price, maker.left);
      if (quantity == 0) {
        return SweepEnd.PRICE_PASSED;
      }
      if (met == terms.maxFills()) {
        return expire(taker, left, ExpireReason.SWEEP_LIMIT, events);
      }
      if (maker.account.equals(taker.account())) {
        if (preventSelfTrade(maker, taker, events)) {
          return expire(taker, left, ExpireReason.SELF_TRADE, events);
        }
        continue;
      }
      long quote = worth(maker, quantity);
      if (quote > 0) {
        trade(maker, taker, left, quantity, quote, events);
        if (maker.left > 0) {
          return left.units() == 0 ? SweepEnd.SATISFIED : SweepEnd.PRICE_PASSED;
        }
      } else if (quantity == maker.left) {
        remove(maker);
        events.add(new Cancelled(maker.number, maker.left, CancelReason.WORTH_NOTHING));
      } else {
        return expire(taker, left, ExpireReason.WORTH_NOTHING, events);
      }
    }
    return SweepEnd.SATISFIED;
  }

  private long worth(QueuedOrder maker, long quantity) {
    return Quotes.quote(maker.level.price, quantity, terms.baseUnitsPerWhole());
  }

  private void trade(
      QueuedOrder maker,
      Taker taker,
      TakerLeft left,
      long quantity,
      long quote,
      List<BookEvent> events) {
    long price = maker.level.price;
    maker.left -= quantity;
    if (maker.left == 0) {
      remove(maker);
    }
    left.traded(price, quantity, quote);
    reference = price;
    events.add(new Traded(maker.number, taker.number(), price, quantity, quote, maker.left));
  }

  /** Whether the taker must end. */
  private boolean preventSelfTrade(QueuedOrder maker, Taker taker, List<BookEvent> events) {
    if (taker.selfTrade() != SelfTrade.CANCEL_TAKER) {
      remove(maker);
      events.add(new Cancelled(maker.number, maker.left, CancelReason.SELF_TRADE));
    }
    return taker.selfTrade() != SelfTrade.CANCEL_MAKER;
  }

  private SweepEnd expire(
      Taker taker, TakerLeft left, ExpireReason reason, List<BookEvent> events) {
    events.add(new Expired(taker.number(), left.units(), reason));
    return SweepEnd.STOPPED;
  }

  private void rest(Taker.Limit limit, long quantity, List<BookEvent> events) {
    rest(limit.number(), limit.account(), limit.side(), limit.price(), quantity);
    events.add(new Rested(limit.number(), limit.price(), quantity));
  }

  private void rest(long number, String account, Side side, long price, long quantity) {
    byNumber.put(number, side(side).add(number, account, price, quantity));
  }

  private void remove(QueuedOrder order) {
    byNumber.remove(order.number);
    side(order.level.side).remove(order);
  }

  private BookSide side(Side side) {
    return side == Side.BUY ? bids : asks;
  }

  private BookSide makersFor(Taker taker) {
    return side(taker.side().opposite());
  }

  /** Then the quote of every fill of the order fits too: it is no larger. */
  private void expectWorthFits(long price, long quantity) {
    Quotes.quote(price, quantity, terms.baseUnitsPerWhole());
  }

  private void advanceTo(long number) {
    if (number <= lastNumber) {
      throw new IllegalArgumentException(
          "Expected an order number above " + lastNumber + ", but got " + number + ".");
    }
    lastNumber = number;
  }

  /** The order of this number, if it rests. */
  public Optional<RestingOrder> resting(long number) {
    return Optional.ofNullable(byNumber.get(number)).map(QueuedOrder::view);
  }

  /** All resting orders of a side in priority order. */
  public List<RestingOrder> resting(Side side) {
    List<RestingOrder> orders = new ArrayList<>();
    for (PriceLevel level : side(side).levels()) {
      for (QueuedOrder order = level.first(); order != null; order = order.later) {
        orders.add(order.view());
      }
    }
    return orders;
  }

  /** How many orders rest. */
  public int size() {
    return byNumber.size();
  }

  /** The best price of a side. */
  public OptionalLong best(Side side) {
    PriceLevel best = side(side).best();
    return best == null ? OptionalLong.empty() : OptionalLong.of(best.price);
  }

  /**
   * The best price levels.
   *
   * @param levels at most this many a side
   * @throws ArithmeticException if the quantity of one level exceeds a long
   */
  public Depth depth(int levels) {
    return new Depth(depth(bids, levels), depth(asks, levels));
  }

  private static List<Depth.Level> depth(BookSide side, int levels) {
    return side.levels().stream().limit(levels).map(PriceLevel::view).toList();
  }
}
