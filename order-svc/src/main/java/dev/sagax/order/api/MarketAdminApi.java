package dev.sagax.order.api;

import dev.sagax.order.Admission;
import dev.sagax.order.MarketState;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.MarketStatuses;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.saga.OrderRecords;
import dev.sagax.platform.boot.Patience;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.OperatorReason;
import dev.sagax.proto.market.v1.GetMarketStateRequest;
import dev.sagax.proto.market.v1.GetMarketStateResponse;
import dev.sagax.proto.market.v1.MarketAdminServiceGrpcService;
import dev.sagax.proto.market.v1.SetMarketStateRequest;
import dev.sagax.proto.market.v1.SetMarketStateResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/** MarketAdminService: records what a market takes from now on, and waits until it is applied. */
public final class MarketAdminApi {
  private static final long LOOK_MILLIS = 20;

  private final Vertx vertx;
  private final Admission admission;
  private final InstantSource clock;
  private final LogAppender appender;
  private final OrderHistory history;
  private final MarketStatuses statuses;

  public MarketAdminApi(
      Vertx vertx,
      Markets markets,
      InstantSource clock,
      LogAppender appender,
      OrderHistory history,
      MarketStatuses statuses) {
    this.vertx = vertx;
    this.admission = new Admission(markets);
    this.clock = clock;
    this.appender = appender;
    this.history = history;
    this.statuses = statuses;
  }

  public void register(GrpcEdge edge) {
    edge.unary(MarketAdminServiceGrpcService.SetMarketState, this::setMarketState);
    edge.unary(MarketAdminServiceGrpcService.GetMarketState, this::getMarketState);
  }

  Future<SetMarketStateResponse> setMarketState(Call call, SetMarketStateRequest request) {
    Deadline deadline = Deadline.of(call.timeoutMillis());
    Market market = admission.market("market", request.getMarket());
    MarketStatus status =
        new MarketStatus(
            market.name(),
            state(request),
            reason(request),
            call.account(),
            ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
    return append(status, market.partition())
        .compose(position -> applied(market.partition(), position, deadline))
        .compose(v -> standing(market.name()))
        .map(now -> SetMarketStateResponse.newBuilder().setStatus(now).build());
  }

  private static String reason(SetMarketStateRequest request) {
    if (request.getReason().isBlank()) {
      throw Refusal.ofField(
              Reason.FIELD_REQUIRED, "reason", "Say why the market is to take something else.")
          .asException();
    }
    return OperatorReason.of("reason", request.getReason());
  }

  private static MarketState state(SetMarketStateRequest request) {
    return switch (request.getState()) {
      case MARKET_STATE_TRADING -> MarketState.TRADING;
      case MARKET_STATE_POST_ONLY -> MarketState.POST_ONLY;
      case MARKET_STATE_CANCEL_ONLY -> MarketState.CANCEL_ONLY;
      case MARKET_STATE_HALTED -> MarketState.HALTED;
      case MARKET_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw Refusal.ofField(
                  Reason.INVALID_ENUM,
                  "state",
                  "Expected one of TRADING, POST_ONLY, CANCEL_ONLY, HALTED, but got number "
                      + request.getStateValue()
                      + ".")
              .asException();
    };
  }

  private Future<Long> append(MarketStatus status, int partition) {
    return EventLoop.back(
        vertx,
        () ->
            appender.append(
                Topic.ORDER_REQUESTED, partition, status.market(), OrderRecords.toRecord(status)));
  }

  private Future<Void> applied(int partition, long position, Deadline deadline) {
    return Patience.poll(
            vertx,
            LOOK_MILLIS,
            () -> history.appliedInstructions().map(all -> reaches(all.get(partition), position)),
            done -> done || deadline.hasPassed())
        .timeout(deadline.remainingMillis(), TimeUnit.MILLISECONDS)
        .compose(done -> done ? Future.succeededFuture() : Future.failedFuture(notYet()))
        .mapEmpty();
  }

  private static boolean reaches(Long applied, long position) {
    return applied != null && applied >= position;
  }

  private static RuntimeException notYet() {
    return Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "The state is recorded, but not applied yet. Ask which one the market has.")
        .asException();
  }

  Future<GetMarketStateResponse> getMarketState(Call call, GetMarketStateRequest request) {
    String market = admission.market("market", request.getMarket()).name();
    return standing(market).map(now -> GetMarketStateResponse.newBuilder().setStatus(now).build());
  }

  private Future<dev.sagax.proto.market.v1.MarketStatus> standing(String market) {
    return statuses
        .all()
        .map(all -> all.getOrDefault(market, MarketStatus.neverSet(market)))
        .map(OrderMapper::toProto);
  }
}
