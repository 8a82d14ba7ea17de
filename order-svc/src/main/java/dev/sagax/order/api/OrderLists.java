package dev.sagax.order.api;

import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.OrderHistory.Cursor;
import dev.sagax.order.OrderHistory.Filter;
import dev.sagax.order.OrderStatus;
import dev.sagax.order.Side;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.PageSize;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.ListOrdersResponse;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Lists orders, newest first, in pages. A token names the last order of its page, by its time and
 * id, so that new orders move no page.
 */
final class OrderLists {
  private static final int DEFAULT_PAGE_SIZE = 50;
  private static final int MAX_PAGE_SIZE = 500;

  private final OrderHistory history;

  OrderLists(OrderHistory history) {
    this.history = history;
  }

  Future<ListOrdersResponse> page(Filter filter, ListOrdersRequest request, Deadline deadline) {
    int pageSize = PageSize.of(request.getPageSize(), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
    Optional<Cursor> after =
        PageToken.read(nameOf(filter), request.getPageToken(), OrderLists::toCursor);
    return history
        .list(filter, after, pageSize + 1)
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .map(found -> toPage(filter, found, pageSize));
  }

  static List<String> nameOf(Filter filter) {
    return List.of(
        "ListOrders",
        filter.account(),
        filter.market(),
        Boolean.toString(filter.openOnly()),
        filter.statuses().stream().map(OrderStatus::name).collect(Collectors.joining(",")),
        filter.side().map(Side::name).orElse(""),
        Long.toString(filter.fromMicros()),
        Long.toString(filter.untilMicros()));
  }

  private static String toPlace(PlaceOrder last) {
    return last.orderId() + ' ' + last.timeMicros();
  }

  private static Cursor toCursor(String place) {
    String[] parts = place.split(" ", 2);
    if (parts.length < 2 || !DeterministicId.isWellFormed(parts[0])) {
      throw new IllegalArgumentException("Expected an order's id and its time.");
    }
    return new Cursor(Long.parseLong(parts[1]), parts[0]);
  }

  /**
   * @param found one order more than the page holds, if there is one
   */
  private static ListOrdersResponse toPage(Filter filter, List<Order> found, int pageSize) {
    List<Order> page = found.subList(0, Math.min(pageSize, found.size()));
    ListOrdersResponse.Builder response = ListOrdersResponse.newBuilder();
    page.stream().map(OrderMapper::toProto).forEach(response::addOrders);
    if (found.size() > pageSize) {
      String place = toPlace(page.getLast().request());
      response.setNextPageToken(PageToken.of(nameOf(filter), place));
    }
    return response.build();
  }
}
