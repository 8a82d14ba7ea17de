package dev.sagax.order.saga;

import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.Order;
import dev.sagax.order.Orders;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The rows of a partition; changes count once they are committed. */
final class StoredOrders implements Orders {
  private final Map<String, Order> rows = new TreeMap<>();
  private final Set<String> cancelledBefore = new TreeSet<>();
  private final Map<String, MarketStatus> statuses = new TreeMap<>();
  private Changes saved;
  private List<MarketStatus> savedStatuses = List.of();
  private int loads;

  @Override
  public Future<Known> load(Collection<String> orderIds) {
    loads++;
    Map<String, Order> known = new HashMap<>(rows);
    known.keySet().retainAll(Set.copyOf(orderIds));
    Set<String> cancelled = new HashSet<>(cancelledBefore);
    cancelled.retainAll(Set.copyOf(orderIds));
    return Future.succeededFuture(new Known(known, cancelled));
  }

  @Override
  public void save(Changes changes) {
    saved = changes;
  }

  @Override
  public void saveStatuses(Collection<MarketStatus> changes) {
    savedStatuses = List.copyOf(changes);
  }

  /** As the database would: an insert of a row that exists, or an update of none, is an error. */
  void commit() {
    for (Order order : saved.placed()) {
      if (rows.put(order.orderId(), order) != null) {
        throw new IllegalStateException("Inserted twice: " + order);
      }
    }
    for (Order order : saved.changed()) {
      if (rows.put(order.orderId(), order) == null) {
        throw new IllegalStateException("Updated, but not there: " + order);
      }
    }
    saved.cancelledBefore().stream().map(CancelOrder::orderId).forEach(cancelledBefore::add);
    savedStatuses.forEach(status -> statuses.put(status.market(), status));
  }

  void put(Order order) {
    rows.put(order.orderId(), order);
  }

  Map<String, Order> rows() {
    return rows;
  }

  Map<String, MarketStatus> statuses() {
    return statuses;
  }

  Set<String> cancelledBefore() {
    return cancelledBefore;
  }

  int loads() {
    return loads;
  }
}
