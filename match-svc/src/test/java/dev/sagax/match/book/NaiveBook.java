package dev.sagax.match.book;

import dev.sagax.match.book.BookEvent.CancelReason;
import dev.sagax.match.book.BookEvent.Cancelled;
import dev.sagax.match.book.BookEvent.Completed;
import dev.sagax.match.book.BookEvent.ExpireReason;
import dev.sagax.match.book.BookEvent.Expired;
import dev.sagax.match.book.BookEvent.Rested;
import dev.sagax.match.book.BookEvent.Traded;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The oracle: the rules of the book written down a second time, as plainly as possible and sharing
 * no code with {@link OrderBook} but the names of what goes in and out. A list, sorted and scanned
 * anew for every order; big integers; the largest affordable quantity found by bisection.
 */
final class NaiveBook {
  private final BigInteger base;
  private final int maxMet;
  private final int bandBps;
  private List<RestingOrder> all = new ArrayList<>();
  private long lastTradePrice;

  NaiveBook(long baseUnitsPerWhole, int maxMet, int bandBps) {
    this.base = BigInteger.valueOf(baseUnitsPerWhole);
    this.maxMet = maxMet;
    this.bandBps = bandBps;
  }

  List<RestingOrder> side(Side side) {
    Comparator<RestingOrder> byPrice = Comparator.comparingLong(RestingOrder::price);
    List<RestingOrder> sorted = new ArrayList<>();
    for (RestingOrder order : all) {
      if (order.side() == side) {
        sorted.add(order);
      }
    }
    sorted.sort(
        (side == Side.BUY ? byPrice.reversed() : byPrice).thenComparingLong(RestingOrder::number));
    return sorted;
  }

  List<RestingOrder> everything() {
    return all;
  }

  List<BookEvent> cancel(long number) {
    List<BookEvent> events = new ArrayList<>();
    for (RestingOrder order : List.copyOf(all)) {
      if (order.number() == number) {
        all.remove(order);
        events.add(new Cancelled(number, order.quantity(), CancelReason.BY_OWNER));
      }
    }
    return events;
  }

  List<BookEvent> reduce(long number, long left) {
    for (RestingOrder order : all) {
      if (order.number() == number && left < order.quantity()) {
        all.set(
            all.indexOf(order),
            new RestingOrder(number, order.account(), order.side(), order.price(), left));
        return List.of(new BookEvent.Reduced(number, order.quantity() - left, left));
      }
    }
    return List.of();
  }

  List<BookEvent> submit(Taker taker) {
    if (taker instanceof Taker.MarketBuy buy) {
      return marketBuy(buy);
    }
    if (taker instanceof Taker.MarketSell sell) {
      return marketSell(sell);
    }
    return limit((Taker.Limit) taker);
  }

  private List<BookEvent> marketSell(Taker.MarketSell sell) {
    List<RestingOrder> buyers = new ArrayList<>(side(Side.BUY));
    boolean anyTooLow = buyers.removeIf(buyer -> tooFar(buyer.price(), lastTradePrice));
    List<BookEvent> events = new ArrayList<>();
    long left = buyOrSell(sell, buyers, sell.quantity(), events);
    if (left > 0) {
      events.add(
          new Expired(
              sell.number(),
              left,
              anyTooLow ? ExpireReason.PRICE_OUT_OF_BAND : ExpireReason.INSUFFICIENT_LIQUIDITY));
    }
    return events;
  }

  /** Whether a price differs from another by more than so many basis points of the other. */
  private boolean tooFar(long price, long from) {
    BigInteger distance = BigInteger.valueOf(price).subtract(BigInteger.valueOf(from)).abs();
    BigInteger most = BigInteger.valueOf(from).multiply(BigInteger.valueOf(bandBps));
    return bandBps > 0
        && from > 0
        && distance.multiply(BigInteger.valueOf(10_000)).compareTo(most) > 0;
  }

  private List<BookEvent> limit(Taker.Limit limit) {
    long number = limit.number();
    if (tooFar(limit.price(), lastTradePrice)) {
      return List.of(new Expired(number, limit.quantity(), ExpireReason.PRICE_OUT_OF_BAND));
    }
    List<RestingOrder> crossing = crossing(limit.side(), limit.price());
    if (limit.timeInForce() == TimeInForce.POST_ONLY && !crossing.isEmpty()) {
      return List.of(new Expired(number, limit.quantity(), ExpireReason.WOULD_CROSS));
    }
    if (limit.timeInForce() == TimeInForce.FOK && !fillsWholly(limit, crossing)) {
      return List.of(new Expired(number, limit.quantity(), ExpireReason.FILL_OR_KILL));
    }
    List<BookEvent> events = new ArrayList<>();
    long left = buyOrSell(limit, crossing, limit.quantity(), events);
    if (left > 0 && limit.timeInForce() == TimeInForce.IOC) {
      events.add(new Expired(number, left, ExpireReason.IMMEDIATE_OR_CANCEL));
    } else if (left > 0) {
      all.add(new RestingOrder(number, limit.account(), limit.side(), limit.price(), left));
      events.add(new Rested(number, limit.price(), left));
    }
    return events;
  }

  private List<RestingOrder> resting(long number) {
    return all.stream().filter(order -> order.number() == number).toList();
  }

  private List<RestingOrder> crossing(Side takerSide, long price) {
    List<RestingOrder> makers = new ArrayList<>(side(takerSide == Side.BUY ? Side.SELL : Side.BUY));
    makers.removeIf(maker -> takerSide == Side.BUY ? maker.price() > price : maker.price() < price);
    return makers;
  }

  private boolean fillsWholly(Taker.Limit limit, List<RestingOrder> crossing) {
    BigInteger sum = BigInteger.ZERO;
    for (RestingOrder maker : crossing.subList(0, Math.min(maxMet, crossing.size()))) {
      if (maker.account().equals(limit.account())) {
        return false;
      }
      long missing = limit.quantity() - sum.longValueExact();
      if (cost(maker.price(), Math.min(missing, maker.quantity())) == 0) {
        return false;
      }
      sum = sum.add(BigInteger.valueOf(maker.quantity()));
      if (sum.compareTo(BigInteger.valueOf(limit.quantity())) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** What is left and may rest or expire; 0 also when the end is already told. */
  private long buyOrSell(
      Taker taker, List<RestingOrder> makers, long quantity, List<BookEvent> events) {
    long left = quantity;
    int met = 0;
    for (RestingOrder maker : makers) {
      if (left == 0) {
        break;
      }
      if (met++ == maxMet) {
        events.add(new Expired(taker.number(), left, ExpireReason.SWEEP_LIMIT));
        return 0;
      }
      if (maker.account().equals(taker.account())) {
        if (selfTradeEndsTaker(maker, taker, left, events)) {
          return 0;
        }
        continue;
      }
      long traded = left < maker.quantity() ? left : maker.quantity();
      if (cost(maker.price(), traded) == 0 && traded < maker.quantity()) {
        events.add(new Expired(taker.number(), left, ExpireReason.WORTH_NOTHING));
        return 0;
      }
      if (cost(maker.price(), traded) == 0) {
        cancelAsWorthless(maker, events);
        continue;
      }
      left -= traded;
      trade(maker, taker, traded, events);
    }
    return left;
  }

  private List<BookEvent> marketBuy(Taker.MarketBuy buy) {
    List<BookEvent> events = new ArrayList<>();
    long budget = buy.budget();
    long reference = lastTradePrice;
    long lastPrice = 0;
    int met = 0;
    ExpireReason end = ExpireReason.INSUFFICIENT_LIQUIDITY;
    for (RestingOrder maker : side(Side.SELL)) {
      if (budget == 0) {
        return events;
      }
      if (maker.price() > reference && tooFar(maker.price(), reference)) {
        end = ExpireReason.PRICE_OUT_OF_BAND;
        break;
      }
      long lots = affordableLots(maker, buy.lot(), budget);
      if (lots == 0) {
        events.add(
            lastPrice > 0
                ? new Completed(buy.number(), budget)
                : new Expired(buy.number(), budget, ExpireReason.BUDGET_BELOW_ONE_LOT));
        return events;
      }
      if (met++ == maxMet) {
        events.add(new Expired(buy.number(), budget, ExpireReason.SWEEP_LIMIT));
        return events;
      }
      if (maker.account().equals(buy.account())) {
        if (selfTradeEndsTaker(maker, buy, budget, events)) {
          return events;
        }
        continue;
      }
      if (cost(maker.price(), lots * buy.lot()) == 0) {
        cancelAsWorthless(maker, events);
        continue;
      }
      budget -= trade(maker, buy, lots * buy.lot(), events);
      lastPrice = maker.price();
      boolean makerIsGone = resting(maker.number()).isEmpty();
      if (!makerIsGone) {
        if (budget > 0) {
          events.add(new Completed(buy.number(), budget));
        }
        return events;
      }
    }
    if (budget > 0) {
      boolean oneMore = lastPrice == 0 || cost(lastPrice, buy.lot()) <= budget;
      events.add(
          oneMore ? new Expired(buy.number(), budget, end) : new Completed(buy.number(), budget));
    }
    return events;
  }

  /** By bisection: the most lots of the maker that cost no more than the budget. */
  private long affordableLots(RestingOrder maker, long lot, long budget) {
    long enough = 0;
    long tooMany = maker.quantity() / lot + 1;
    while (tooMany - enough > 1) {
      long middle = (enough + tooMany) / 2;
      if (cost(maker.price(), middle * lot) <= budget) {
        enough = middle;
      } else {
        tooMany = middle;
      }
    }
    return enough;
  }

  private boolean selfTradeEndsTaker(
      RestingOrder maker, Taker taker, long left, List<BookEvent> events) {
    if (taker.selfTrade() == SelfTrade.CANCEL_MAKER || taker.selfTrade() == SelfTrade.CANCEL_BOTH) {
      all.remove(maker);
      events.add(new Cancelled(maker.number(), maker.quantity(), CancelReason.SELF_TRADE));
    }
    if (taker.selfTrade() == SelfTrade.CANCEL_MAKER) {
      return false;
    }
    events.add(new Expired(taker.number(), left, ExpireReason.SELF_TRADE));
    return true;
  }

  private void cancelAsWorthless(RestingOrder maker, List<BookEvent> events) {
    all.remove(maker);
    events.add(new Cancelled(maker.number(), maker.quantity(), CancelReason.WORTH_NOTHING));
  }

  private long trade(RestingOrder maker, Taker taker, long quantity, List<BookEvent> events) {
    long makerLeft = maker.quantity() - quantity;
    int at = all.indexOf(maker);
    if (makerLeft == 0) {
      all.remove(at);
    } else {
      all.set(
          at,
          new RestingOrder(
              maker.number(), maker.account(), maker.side(), maker.price(), makerLeft));
    }
    lastTradePrice = maker.price();
    long quote = cost(maker.price(), quantity);
    events.add(
        new Traded(maker.number(), taker.number(), maker.price(), quantity, quote, makerLeft));
    return quote;
  }

  private long cost(long price, long quantity) {
    return BigInteger.valueOf(price)
        .multiply(BigInteger.valueOf(quantity))
        .divide(base)
        .longValueExact();
  }
}
