package dev.sagax.platform.log;

import dev.sagax.platform.rpc.PeerUnavailableException;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.BootstrapResolutionException;
import org.apache.kafka.common.errors.RetriableException;

/** Tells a world that says "not now" from a bug of ours. */
public final class Faults {
  /**
   * SQLSTATE classes: connection, transaction rollback, resources, operator intervention, system.
   */
  private static final Set<String> POSTGRES_CLASSES = Set.of("08", "40", "53", "57", "58");

  /** What the fence of a step fails with: division by zero. */
  private static final String FENCED = "22012";

  /** How the broker's client says that no name of a broker is known, which may pass. */
  private static final String UNRESOLVED = "No resolvable bootstrap urls";

  /**
   * How PostgreSQL says that a lock was not to be had in time: a service that starts tries again.
   */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private Faults() {}

  /**
   * Whether waiting may help: a store, broker or peer is away, or another instance owns the
   * partition.
   */
  public static boolean isInfrastructure(Throwable failure) {
    return switch (failure) {
      case PgException pg ->
          POSTGRES_CLASSES.contains(pg.getSqlState().substring(0, 2))
              || pg.getSqlState().equals(FENCED)
              || pg.getSqlState().equals(LOCK_NOT_AVAILABLE);
      case SQLException jdbc when jdbc.getSQLState() != null && jdbc.getSQLState().length() == 5 ->
          POSTGRES_CLASSES.contains(jdbc.getSQLState().substring(0, 2))
              || jdbc.getSQLState().equals(LOCK_NOT_AVAILABLE);
      case IOException io -> true;
      case TimeoutException timeout -> true;
      case RetriableException kafka -> true;
      case BootstrapResolutionException names -> true;
      case ConfigException names when names.getMessage().startsWith(UNRESOLVED) -> true;
      case VertxException vertx -> true;
      case PeerUnavailableException peer -> true;
      default -> failure.getCause() != null && isInfrastructure(failure.getCause());
    };
  }
}
