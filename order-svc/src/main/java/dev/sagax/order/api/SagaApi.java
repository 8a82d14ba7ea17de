package dev.sagax.order.api;

import dev.sagax.order.Admission;
import dev.sagax.order.saga.trace.SagaTraces;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.saga.v1.GetSagaRequest;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.SagaServiceGrpcService;
import io.vertx.core.Future;

/** SagaService: the saga of an order, for its owner and for operators. */
public final class SagaApi {

  /** They wait for one reader of the log. */
  private static final int MOST_AT_ONCE = 16;

  private static final int MOST_OF_AN_ACCOUNT = 4;

  private final SagaTraces traces;
  private final SagaSeats seats = new SagaSeats(MOST_AT_ONCE, MOST_OF_AN_ACCOUNT);

  public SagaApi(SagaTraces traces) {
    this.traces = traces;
  }

  public void register(GrpcEdge edge) {
    edge.unary(SagaServiceGrpcService.GetSaga, this::getSaga);
  }

  private Future<GetSagaResponse> getSaga(Call call, GetSagaRequest request) {
    String orderId = Admission.orderId("order_id", request.getOrderId());
    boolean operator = call.caller().may(Scope.OPERATOR);
    String caller = call.account();
    seats.take(caller);
    return traces
        .trace(orderId, account -> operator || account.equals(caller))
        .onComplete(told -> seats.leave(caller));
  }
}
