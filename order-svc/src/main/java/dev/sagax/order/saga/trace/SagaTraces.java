package dev.sagax.order.saga.trace;

import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.store.PgOrders;
import dev.sagax.platform.log.Faults;
import dev.sagax.platform.log.LogReader;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.LogView;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.tracing.Traceparent;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.saga.v1.GetSagaPartRequest;
import dev.sagax.proto.saga.v1.GetSagaPartResponse;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.MissingPart;
import dev.sagax.proto.saga.v1.SagaStep;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the saga of an order together from what the services have stored and what the log says. */
public final class SagaTraces {
  private static final Logger LOG = LoggerFactory.getLogger(SagaTraces.class);

  private final SqlClient db;
  private final OrderHistory history;
  private final Markets markets;
  private final int partitions;
  private final LogReader log;
  private final SagaParts parts;

  public SagaTraces(
      SqlClient db,
      OrderHistory history,
      Markets markets,
      int partitions,
      LogReader log,
      SagaParts parts) {
    this.db = db;
    this.history = history;
    this.markets = markets;
    this.partitions = partitions;
    this.log = log;
    this.parts = parts;
  }

  /**
   * The saga of an order, also of one that is recorded and not decided. First how far the log is
   * applied, then the row: an order that has none is in the log behind that, or nowhere.
   *
   * @param visible whether the caller may see an account's orders; others do not exist for it
   * @return fails with a refusal ORDER_NOT_FOUND or OUTCOME_UNKNOWN
   */
  public Future<GetSagaResponse> trace(String orderId, Predicate<String> visible) {
    return StepPositions.read(db, PgOrders.SCHEMA, "order-svc")
        .compose(positions ->
            history
                .find(orderId)
                .map(found -> found.filter(order -> visible.test(order.account())))
                .compose(found ->
                    found.isPresent()
                        ? decided(found.get(), positions)
                        : log.read(view -> undecided(orderId, positions, visible, view))));
  }

  // ---- an order that is decided

  private Future<GetSagaResponse> decided(Order order, StepPositions own) {
    int partition = partition(order);
    GetSagaPartRequest request =
        GetSagaPartRequest.newBuilder()
            .setOrderId(order.orderId())
            .setPartition(partition)
            .setNumber(order.number())
            .build();
    List<MissingPart> missing = new ArrayList<>();
    var match = orMissing("match-svc", parts.ofMatch(request), missing);
    var settle = orMissing("settle-svc", parts.ofSettle(request), missing);
    return Future.join(match, settle)
        .map(both -> new Facts(order, partition, own, match.result(), settle.result()))
        .compose(facts ->
            log.read(view -> tell(facts, missing, view))
                .recover(failure -> withoutLog(facts, missing, failure)));
  }

  private int partition(Order order) {
    return markets
        .market(order.market())
        .map(Market::partition)
        .orElseThrow(
            () -> new IllegalStateException("There is no market " + order.market() + " any more."));
  }

  private static Future<Optional<GetSagaPartResponse>> orMissing(
      String service, Future<GetSagaPartResponse> part, List<MissingPart> missing) {
    return part.map(Optional::of)
        .otherwise(failure -> {
          LOG.warn("{} could not be asked about a saga: {}", service, failure.toString());
          missing.add(missing(service, service + " did not answer."));
          return Optional.empty();
        });
  }

  private static MissingPart missing(String part, String why) {
    return MissingPart.newBuilder().setPart(part).setWhy(why).build();
  }

  private static Future<GetSagaResponse> withoutLog(
      Facts facts, List<MissingPart> missing, Throwable failure) {
    if (!Faults.isInfrastructure(failure)) {
      LOG.error("The log could not be read for the saga of an order", failure);
    }
    List<MissingPart> all = new ArrayList<>(missing);
    all.add(missing("log", "The log could not be read; offsets and some steps are missing."));
    return Future.succeededFuture(tell(facts, all, LogView.EMPTY));
  }

  static GetSagaResponse tell(Facts facts, List<MissingPart> missing, LogView view) {
    SagaLog log = new SagaLog(view, facts.partition());
    Waiting waiting = new Waiting(facts, log);
    List<LogRecord> pending = waiting.pending();
    List<SagaStep> steps = new Tracer(facts, log).steps(pending);
    Order order = facts.order();
    return GetSagaResponse.newBuilder()
        .setOrderId(order.orderId())
        .setMarket(order.market())
        .setClientOrderId(order.request().clientOrderId())
        .setStatusValue(order.status().code)
        .setReasonValue(order.reason().code)
        .addAllSteps(steps)
        .setWaitsFor(waiting.words(pending, steps, missing.isEmpty()))
        .addAllMissing(missing)
        .setTraceId(
            log.at(Topic.ORDER_REQUESTED, order.instruction()).map(SagaTraces::traceId).orElse(""))
        .setOutcomesLeftOut(facts.settle().map(GetSagaPartResponse::getLegsLeftOut).orElse(0L))
        .build();
  }

  private static String traceId(LogRecord instruction) {
    return instruction.traceparent().map(Traceparent::traceId).orElse("");
  }

  // ---- an order that is not

  private GetSagaResponse undecided(
      String orderId, StepPositions own, Predicate<String> visible, LogView view) {
    boolean certain = true;
    for (int partition = 0; partition < partitions; partition++) {
      StepPositions.Applied applied = own.of(partition, Topic.ORDER_REQUESTED);
      SagaLog log = new SagaLog(view, partition);
      List<LogRecord> recorded =
          log.from(
              Topic.ORDER_REQUESTED,
              applied.nextOffset(),
              record -> isVisible(record, orderId, visible));
      if (!recorded.isEmpty()) {
        return recorded(recorded, applied.position());
      }
      certain &= !log.isTooFarFromTheEnd(Topic.ORDER_REQUESTED, applied.nextOffset());
    }
    throw certain ? notFound() : notKnown();
  }

  private static boolean isVisible(LogRecord record, String orderId, Predicate<String> visible) {
    OrderRequested request = Events.orderRequested(record);
    return request.getOrderId().equals(orderId) && visible.test(request.getAccount());
  }

  private static GetSagaResponse recorded(List<LogRecord> records, long applied) {
    OrderRequested first = Events.orderRequested(records.getFirst());
    GetSagaResponse.Builder saga =
        GetSagaResponse.newBuilder()
            .setOrderId(first.getOrderId())
            .setMarket(first.getMarket())
            .setClientOrderId(first.getClientOrderId())
            .setStatus(OrderStatus.ORDER_STATUS_ACCEPTED)
            .setTraceId(traceId(records.getFirst()))
            .setWaitsFor(Waiting.toBeApplied(records.getFirst(), applied));
    records.forEach(record ->
        saga.addSteps(
            SagaStep.newBuilder()
                .setService("order-svc")
                .setTopic(record.topic().topicName)
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setTime(Times.ofMillis(record.timeMillis()))
                .setWhat(TraceWords.recorded(Events.orderRequested(record)))));
    return saga.build();
  }

  private static RuntimeException notFound() {
    return Refusal.of(Reason.ORDER_NOT_FOUND, "There is no order of this id that you may see.")
        .asException();
  }

  private static RuntimeException notKnown() {
    return Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "There is no order of this id yet, but more instructions wait to be decided than could"
                + " be looked through. Ask again.")
        .asException();
  }
}
