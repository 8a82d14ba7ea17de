package dev.sagax.order.api;

import dev.sagax.order.Admission;
import dev.sagax.order.OrderSnapshots;
import dev.sagax.order.OrderSnapshots.Snapshot;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.platform.stream.Cursor;
import dev.sagax.platform.stream.LogTail;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.order.v1.OrderServiceGrpcService;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import dev.sagax.proto.order.v1.WatchOrdersResponse;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** OrderService's stream: where it starts, and that it may. */
public final class OrderWatchApi {
  /** A snapshot is in memory until its client has read it. */
  private static final int MOST_OPEN_ORDERS = 5_000;

  private final Admission admission;
  private final Set<Integer> allPartitions;
  private final LogTail<OrderUpdated> tail;
  private final OrderSnapshots snapshots;

  /**
   * @param tail of `order.updated`
   */
  public OrderWatchApi(
      Markets markets, int partitions, LogTail<OrderUpdated> tail, OrderSnapshots snapshots) {
    this.admission = new Admission(markets);
    this.allPartitions =
        IntStream.range(0, partitions).boxed().collect(Collectors.toUnmodifiableSet());
    this.tail = tail;
    this.snapshots = snapshots;
  }

  public void register(GrpcEdge edge) {
    edge.serverStream(OrderServiceGrpcService.WatchOrders, this::watchOrders);
  }

  void watchOrders(Call call, WatchOrdersRequest request, StreamSink<WatchOrdersResponse> sink) {
    Set<Integer> partitions = partitionsOf(request.getMarket());
    List<String> name = List.of("WatchOrders", call.account(), request.getMarket());
    Optional<Cursor> cursor = Cursor.read(name, partitions, request.getCursor());
    OrderWatch watch = new OrderWatch(tail, name, call.account(), request.getMarket(), sink);
    start(call, request, partitions, cursor, watch).onFailure(sink::fail);
  }

  /** A market that is not listed yet may come to any partition. */
  private Set<Integer> partitionsOf(String market) {
    return market.isEmpty()
        ? allPartitions
        : Set.of(admission.market("market", market).partition());
  }

  private Future<Void> start(
      Call call,
      WatchOrdersRequest request,
      Set<Integer> partitions,
      Optional<Cursor> cursor,
      OrderWatch watch) {
    if (cursor.isPresent()) {
      return snapshots.news(partitions).map(news -> watch.goOn(cursor.get(), news));
    }
    if (request.getFromNow() && request.getCursor().isEmpty()) {
      return snapshots.news(partitions).map(watch::startNow);
    }
    return snapshots
        .openOrders(call.account(), request.getMarket(), partitions, MOST_OPEN_ORDERS + 1)
        .map(OrderWatchApi::bounded)
        .map(watch::startWith);
  }

  private static Snapshot bounded(Snapshot snapshot) {
    if (snapshot.orders().size() > MOST_OPEN_ORDERS) {
      throw Refusal.of(
              Reason.OVERLOADED,
              "The account has more than %d open orders, too many for a snapshot; watch market by market, or from now."
                  .formatted(MOST_OPEN_ORDERS))
          .asException();
    }
    return snapshot;
  }
}
