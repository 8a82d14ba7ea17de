package dev.sagax.order.saga;

import dev.sagax.order.Instruction.CancelOrder;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.OpenOrder;
import dev.sagax.order.Order;
import dev.sagax.order.Orders;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.Comparator;
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
  private final Map<List<Object>, Long> cancelledTo = new HashMap<>();
  private final Map<Switch, Long> switches = new HashMap<>();
  private Changes saved;
  private List<MarketStatus> savedStatuses = List.of();
  private int loads;
  private int counts;
  private int opens;

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
  public Future<Map<Place, Integer>> countOpen(Collection<Place> places) {
    counts++;
    Map<Place, Integer> found = new HashMap<>();
    places.forEach(place -> found.put(place, 0));
    rows.values().stream()
        .filter(order -> !order.closed())
        .map(order -> Place.of(order.request()))
        .forEach(place -> found.computeIfPresent(place, (same, count) -> count + 1));
    return Future.succeededFuture(found);
  }

  @Override
  public Future<List<OpenOrder>> open(String account, Collection<String> markets) {
    opens++;
    return Future.succeededFuture(
        rows.values().stream()
            .filter(order -> !order.closed() && order.account().equals(account))
            .filter(order -> markets.contains(order.market()))
            .map(order ->
                new OpenOrder(
                    order.orderId(), order.market(), order.request().type().side(), order.number()))
            .filter(order ->
                order.number()
                    > cancelledTo.getOrDefault(
                        List.<Object>of(account, order.market(), order.side()), 0L))
            .sorted(Comparator.comparing(OpenOrder::number))
            .toList());
  }

  @Override
  public Future<Map<Switch, Long>> deadlines(Collection<Switch> asked) {
    Map<Switch, Long> found = new HashMap<>(switches);
    found.keySet().retainAll(Set.copyOf(asked));
    return Future.succeededFuture(found);
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
    saved
        .cancelledTo()
        .forEach(to -> cancelledTo.put(List.of(to.account(), to.market(), to.side()), to.number()));
    switches.putAll(saved.switched());
    switches.values().removeIf(deadline -> deadline == 0);
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

  Map<List<Object>, Long> cancelledTo() {
    return cancelledTo;
  }

  Map<Switch, Long> switches() {
    return switches;
  }

  int counts() {
    return counts;
  }

  /** How often open orders were looked up. */
  int opens() {
    return opens;
  }

  int loads() {
    return loads;
  }
}
