package dev.sagax.order;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The orders of a partition, as its step reads and changes them. */
public interface Orders {

  /**
   * What is stored about some ids.
   *
   * @param orders the orders among them, by id
   * @param cancelledBefore those that were cancelled before they were placed
   */
  record Known(Map<String, Order> orders, Set<String> cancelledBefore) {}

  /** Reads what is stored about these ids. */
  Future<Known> load(Collection<String> orderIds);

  /** What an account has in a market: what the limit of its open orders counts. */
  record Place(String account, String market) {

    public static Place of(Instruction.PlaceOrder order) {
      return new Place(order.account(), order.market());
    }
  }

  /** Counts the open orders of some places; each is in the answer. */
  Future<Map<Place, Integer>> countOpen(Collection<Place> places);

  /**
   * The open orders of an account in these markets, by number, without those that a cancel of all
   * has sent to the book before.
   */
  Future<List<OpenOrder>> open(String account, Collection<String> markets);

  /**
   * A dead man's switch.
   *
   * @param market for all markets of the partition when empty
   */
  record Switch(String account, String market) {

    /** Whose deadline a cancel of all names. */
    public static Switch of(Instruction.CancelAll all) {
      return new Switch(all.account(), all.marketOfSwitch());
    }
  }

  /**
   * What some switches are set to, in microseconds since 1970; those that are not set are missing.
   */
  Future<Map<Switch, Long>> deadlines(Collection<Switch> switches);

  /**
   * Up to where a cancel of all has sent the open orders of an account to the book.
   *
   * @param number of the last of them
   */
  record CancelledTo(String account, String market, Side side, long number) {}

  /**
   * What a batch leaves behind; no order is in both lists.
   *
   * @param placed new orders
   * @param changed orders that were stored before
   * @param cancelledBefore cancels whose order was not seen yet
   * @param cancelledTo how far cancels of all have come; one for each account, market and side
   * @param switched what switches are set to now; 0 for unset
   */
  record Changes(
      List<Order> placed,
      List<Order> changed,
      List<Instruction.CancelOrder> cancelledBefore,
      List<CancelledTo> cancelledTo,
      Map<Switch, Long> switched) {}

  /** Adds the changes to the transaction of the batch. */
  void save(Changes changes);

  /** Adds what markets take from here on. */
  void saveStatuses(Collection<MarketStatus> changes);
}
