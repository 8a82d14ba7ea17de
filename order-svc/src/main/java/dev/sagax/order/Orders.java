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

  /**
   * What a batch leaves behind; no order is in both lists.
   *
   * @param placed new orders
   * @param changed orders that were stored before
   * @param cancelledBefore cancels whose order was not seen yet
   */
  record Changes(
      List<Order> placed, List<Order> changed, List<Instruction.CancelOrder> cancelledBefore) {}

  /** Adds the changes to the transaction of the batch. */
  void save(Changes changes);

  /** Adds what markets take from here on. */
  void saveStatuses(Collection<MarketStatus> changes);
}
