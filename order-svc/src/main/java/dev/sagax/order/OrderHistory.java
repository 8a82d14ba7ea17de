package dev.sagax.order;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/** The orders as last committed, for those who look at them. */
public interface OrderHistory {

  /**
   * Which orders to list.
   *
   * @param market only of this market; all when empty
   * @param openOnly only those that are not closed
   * @param statuses only those in one of these states; in any when empty
   * @param side only those of this side
   * @param fromMicros only those recorded then or later
   * @param untilMicros only those recorded before
   */
  record Filter(
      String account,
      String market,
      boolean openOnly,
      SortedSet<OrderStatus> statuses,
      Optional<Side> side,
      long fromMicros,
      long untilMicros) {

    /** Whether no closed order is among them. */
    public boolean onlyOpen() {
      return openOnly || !statuses.isEmpty() && statuses.stream().noneMatch(OrderStatus::closed);
    }
  }

  /** A place in a list that goes from new to old: it continues after this order. */
  record Cursor(long createMicros, String orderId) {}

  /** Those of these orders that are the account's, by id. */
  Future<Map<String, Order>> find(String account, Set<String> orderIds);

  /**
   * A dead man's switch whose time has come.
   *
   * @param market for all markets of the partition when empty
   */
  record Due(int partition, String account, String market, long deadlineMicros) {

    /** Before every switch of a partition. */
    public static Due first(int partition) {
      return new Due(partition, "", "", 0);
    }
  }

  /** So many switches of a partition are told at once. */
  int DUE_PAGE = 200;

  /**
   * The switches whose deadline has passed at a time: of each partition a page, the oldest first.
   *
   * @param after where the page of each partition begins: behind this switch
   */
  Future<List<Due>> due(long nowMicros, Collection<Due> after);

  /** How many open orders an account has in each market where it has some. */
  Future<Map<String, Long>> openByMarket(String account);

  /**
   * The open orders of an account that a cancel of all has sent to the book; they end there.
   *
   * @param market only of this market; of all when empty
   * @param side only of this side
   */
  Future<List<String>> beingCancelled(String account, String market, Optional<Side> side);

  /** Those of these orders that are not closed. */
  Future<Set<String>> stillOpen(Collection<String> orderIds);

  /** The order of this id, whoever owns it. */
  Future<Optional<Order>> find(String orderId);

  /** The newest orders first, at most {@code limit}, of those after the cursor if there is one. */
  Future<List<Order>> list(Filter filter, Optional<Cursor> after, int limit);

  /** The last position of `order.requested` that is applied, by partition; none = nothing yet. */
  Future<Map<Integer, Long>> appliedInstructions();
}
