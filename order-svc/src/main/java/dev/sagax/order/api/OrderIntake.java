package dev.sagax.order.api;

import dev.sagax.order.Admission;
import dev.sagax.order.Instruction.PlaceOrder;
import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.Trading;
import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.Seats;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Says which orders may go into the log. An order that the market refuses now may repeat one that
 * came before its rules were changed or it took cancels only: then it goes there as that one did,
 * and is answered as a repeat. It is refused only if there surely is none: who is told so may place
 * it anew under another id.
 */
final class OrderIntake {
  private static final int EARLY_CALLS = 1_000;
  private static final int ANY_PARTITION = 0;
  private static final long LOOK_MILLIS = 20;

  private final Vertx vertx;
  private final RequestReader reader;
  private final Trading trading;
  private final RepeatFinder repeats;
  private final Seats early = new Seats(EARLY_CALLS);

  OrderIntake(
      Vertx vertx, RequestReader reader, Trading trading, OrderHistory history, LogFollower log) {
    this.vertx = vertx;
    this.reader = reader;
    this.trading = trading;
    this.repeats = new RepeatFinder(vertx, history, log);
  }

  /** What is to become of an order. */
  sealed interface Admitted {

    /** It may go into the log. */
    record Fit(PlaceOrder order) implements Admitted {}

    /** It may not, or we failed to find out. */
    record Refused(Throwable why) implements Admitted {}

    /** The market refuses it, unless it repeats one that stands, which then goes there again. */
    record Sought(Future<PlaceOrder> repeat) implements Admitted {}

    /** The order, or what its call fails with. */
    default Future<PlaceOrder> toFuture() {
      return switch (this) {
        case Fit fit -> Future.succeededFuture(fit.order());
        case Refused refused -> Future.failedFuture(refused.why());
        case Sought sought -> sought.repeat();
      };
    }
  }

  Future<PlaceOrder> admit(String account, PlaceOrderRequest request, Deadline deadline) {
    return admit(account, List.of(request), deadline)
        .compose(admitted -> admitted.getFirst().toFuture());
  }

  /**
   * Each order on its own. Waits for none that has to be looked for. Never fails.
   *
   * @return one for each request, in their order
   */
  Future<List<Admitted>> admit(
      String account, List<PlaceOrderRequest> requests, Deadline deadline) {
    List<Admitted> read = new ArrayList<>(requests.size());
    requests.forEach(request -> read.add(attempt(() -> reader.toPlaceOrder(account, request))));
    Batch batch = new Batch(account, requests, read, deadline);
    return admitToMarkets(batch).map(admitted -> seekRepeats(batch));
  }

  /**
   * Orders of one call.
   *
   * @param read what is known of each so far
   */
  private record Batch(
      String account, List<PlaceOrderRequest> requests, List<Admitted> read, Deadline deadline) {}

  private Future<Void> admitToMarkets(Batch batch) {
    if (trading.isKnown() || batch.read().stream().noneMatch(Admitted.Fit.class::isInstance)) {
      batch.read().replaceAll(this::admitToMarket);
      return Future.succeededFuture();
    }
    return untilTradingIsKnown(batch.deadline())
        .transform(known -> {
          batch
              .read()
              .replaceAll(
                  read -> known.succeeded() ? admitToMarket(read) : refuseFit(read, known.cause()));
          return Future.succeededFuture();
        });
  }

  private static Admitted refuseFit(Admitted read, Throwable why) {
    return read instanceof Admitted.Fit ? new Admitted.Refused(why) : read;
  }

  private Admitted admitToMarket(Admitted read) {
    return switch (read) {
      case Admitted.Fit fit ->
          attempt(() -> {
            trading.admit(fit.order());
            return fit.order();
          });
      case Admitted.Refused refused -> refused;
      case Admitted.Sought sought -> sought;
    };
  }

  private static Admitted attempt(Supplier<PlaceOrder> order) {
    try {
      return new Admitted.Fit(order.get());
    } catch (RuntimeException thrown) {
      return new Admitted.Refused(thrown);
    }
  }

  /** After a start; it must not take orders in a ledger that takes cancels only. */
  private Future<Void> untilTradingIsKnown(Deadline deadline) {
    return Future.succeededFuture()
        .compose(v -> {
          early.take(ANY_PARTITION);
          return Patience.poll(
                  vertx,
                  LOOK_MILLIS,
                  () -> Future.succeededFuture(trading.isKnown()),
                  known -> known || deadline.hasPassed())
              .onComplete(done -> early.leave(ANY_PARTITION));
        })
        .compose(known -> known ? Future.succeededFuture() : Future.failedFuture(notKnown()));
  }

  private static RefusedException notKnown() {
    return Refusal.of(
            Reason.DEPENDENCY_UNAVAILABLE,
            "The ledger has not said yet whether it takes orders; nothing was recorded, try again later.")
        .asException();
  }

  // ---- repeats of orders that the market would refuse now

  /** Looks for the originals of all that the market refuses, once for each partition. */
  private List<Admitted> seekRepeats(Batch batch) {
    Map<Integer, List<Integer>> doubtful = new HashMap<>();
    for (int item = 0; item < batch.read().size(); item++) {
      if (mayRepeat(batch.read().get(item))) {
        doubtful
            .computeIfAbsent(partition(batch.requests().get(item)), partition -> new ArrayList<>())
            .add(item);
      }
    }
    doubtful.forEach((partition, items) -> seekRepeats(batch, partition, items));
    return batch.read();
  }

  /**
   * @param items which orders of the batch
   */
  private void seekRepeats(Batch batch, int partition, List<Integer> items) {
    Set<String> orderIds =
        items.stream()
            .map(item -> orderId(batch.account(), batch.requests().get(item)))
            .collect(Collectors.toSet());
    Future<OrderFinder.Found> search = seek(batch, orderIds, partition);
    for (int item : items) {
      PlaceOrderRequest request = batch.requests().get(item);
      Admitted refused = batch.read().get(item);
      String orderId = orderId(batch.account(), request);
      Future<PlaceOrder> repeat =
          search.compose(found -> {
            Optional<Order> standing = found.order(orderId);
            return standing.isEmpty()
                ? refused.toFuture()
                : Future.succeededFuture(reader.toRepeat(standing.get().request(), request));
          });
      batch.read().set(item, new Admitted.Sought(repeat));
    }
  }

  private Future<OrderFinder.Found> seek(Batch batch, Set<String> orderIds, int partition) {
    try {
      return repeats.find(batch.account(), orderIds, partition, batch.deadline());
    } catch (RefusedException overloaded) {
      return Future.failedFuture(overloaded);
    }
  }

  private static boolean mayRepeat(Admitted read) {
    return read instanceof Admitted.Refused refused
        && refused.why() instanceof RefusedException why
        && Admission.isOfMarketRules(why);
  }

  private int partition(PlaceOrderRequest request) {
    return reader.market(request.getMarket()).partition();
  }

  private static String orderId(String account, PlaceOrderRequest request) {
    return DeterministicId.orderId(account, request.getMarket(), request.getClientOrderId());
  }
}
