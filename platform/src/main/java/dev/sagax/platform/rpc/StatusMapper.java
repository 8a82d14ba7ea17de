package dev.sagax.platform.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.tracing.Underway;
import io.vertx.core.VertxException;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.file.FileSystemException;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.StatusException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.DatabaseException;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what went wrong into what the client sees: a refusal as it is, a fault of the world as
 * UNAVAILABLE, anything else as INTERNAL with an id that finds the stack trace in the log.
 */
final class StatusMapper {
  private static final Logger LOG = LoggerFactory.getLogger(StatusMapper.class);
  private static final int MAX_CAUSES = 16;

  private StatusMapper() {}

  static Failure failureOf(Throwable thrown, String method, String requestId) {
    int depth = 0;
    boolean fault = false;
    for (Throwable t = thrown; t != null && depth++ < MAX_CAUSES; t = t.getCause()) {
      if (t instanceof RefusedException refused) {
        return Failure.of(refused.refusal());
      }
      if (t instanceof FailureException failed) {
        return failed.failure();
      }
      fault |= isFault(t);
    }
    return Failure.of(fault ? unavailable(thrown, method) : internal(thrown, method, requestId));
  }

  private static Refusal unavailable(Throwable thrown, String method) {
    LOG.atDebug()
        .addKeyValue("method", method)
        .setCause(thrown)
        .log("A call met a dependency that is away");
    return Refusal.of(
        Reason.DEPENDENCY_UNAVAILABLE,
        "A store or service that the call needs is away. Nothing was done; try again.");
  }

  private static Refusal internal(Throwable thrown, String method, String requestId) {
    String errorId = UUID.randomUUID().toString();
    Underway.addTo(LOG.atError())
        .addKeyValue("method", method)
        .addKeyValue("errorId", errorId)
        .addKeyValue("requestId", requestId)
        .setCause(thrown)
        .log("A call failed through a bug");
    return Refusal.of(
            Reason.INTERNAL, "The call failed through a bug of the exchange, see " + errorId + ".")
        .with("error_id", errorId);
  }

  static boolean isFault(Throwable t) {
    return switch (t) {
      case PeerUnavailableException peer -> true;
      case RetriableException kafka -> true;
      case InvalidProtocolBufferException unreadable -> false;
      case java.nio.file.FileSystemException file -> false;
      case IOException connection -> true; // also one without a class of its own, as "Broken pipe"
      case TimeoutException late -> true;
      case StatusException peer -> peer.status() == GrpcStatus.UNAVAILABLE;
      case PgException postgres -> isFault(postgres.getSqlState());
      case DatabaseException other -> false;
      case FileSystemException file -> false;
      case ReplyException reply -> false;
      case VertxException closedOrBusy -> true;
      default -> "CONNECTION_CLOSED".equals(t.getMessage()); // as vertx-redis-client says it
    };
  }

  /** Connection lost, out of resources, shut down, or a conflict that a retry resolves. */
  private static boolean isFault(String sqlState) {
    return sqlState != null
        && (sqlState.startsWith("08")
            || sqlState.startsWith("53")
            || sqlState.startsWith("57P")
            || sqlState.equals("40001")
            || sqlState.equals("40P01")
            || sqlState.equals("55P03"));
  }
}
