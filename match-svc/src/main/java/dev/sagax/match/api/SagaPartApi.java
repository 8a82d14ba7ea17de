package dev.sagax.match.api;

import dev.sagax.match.saga.MatchSaga;
import dev.sagax.match.store.PgBook;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.proto.saga.v1.AppliedPosition;
import dev.sagax.proto.saga.v1.GetSagaPartRequest;
import dev.sagax.proto.saga.v1.GetSagaPartResponse;
import dev.sagax.proto.saga.v1.SagaPartServiceGrpcService;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/**
 * What match-svc knows about the saga of an order: what rests of it, and how far it has matched.
 */
public final class SagaPartApi {
  private static final List<Topic> INPUTS =
      List.of(Topic.MATCH_REQUESTED, Topic.MATCH_CANCEL_REQUESTED);

  private final SqlClient db;
  private final PgBook book;

  public SagaPartApi(SqlClient db, PgBook book) {
    this.db = db;
    this.book = book;
  }

  public void register(GrpcEdge edge) {
    edge.unary(SagaPartServiceGrpcService.GetSagaPart, this::getSagaPart);
  }

  /** First the positions, then what rests: what is applied in between counts as on its way. */
  private Future<GetSagaPartResponse> getSagaPart(Call call, GetSagaPartRequest request) {
    return StepPositions.read(db, MatchSaga.SCHEMA, MatchSaga.SERVICE)
        .compose(positions ->
            book.resting(db, request.getPartition(), request.getNumber())
                .map(resting -> part(request.getPartition(), positions, resting)));
  }

  private static GetSagaPartResponse part(int partition, StepPositions positions, long resting) {
    GetSagaPartResponse.Builder part = GetSagaPartResponse.newBuilder().setRestingUnits(resting);
    INPUTS.forEach(topic -> {
      StepPositions.Applied applied = positions.of(partition, topic);
      part.addPositions(
          AppliedPosition.newBuilder()
              .setTopic(topic.topicName)
              .setPosition(applied.position())
              .setNextOffset(applied.nextOffset()));
    });
    return part.build();
  }
}
