package dev.sagax.platform.log;

import dev.sagax.platform.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.util.HashMap;
import java.util.Map;

/** How many dead letters of a service there are, by state, in the table that all replicas share. */
public final class DeadLetterFigures {
  private record Kind(String topic, String state) {}

  private final String sql;
  private final Pool db;
  private volatile Map<Kind, Long> counts = Map.of();

  /**
   * @param saga the service's, which says what dead-letter topics it writes
   */
  public DeadLetterFigures(SagaDefinition saga, Pool db, Metrics metrics) {
    this.db = db;
    this.sql =
        "select topic, state, count(*) as letters from %s.dead_letter group by topic, state"
            .formatted(saga.schema());
    for (Topic topic : saga.outputs()) {
      if (topic.isDeadLetters()) {
        show(topic, metrics);
      }
    }
  }

  private void show(Topic topic, Metrics metrics) {
    for (DeadLetter.State state : DeadLetter.State.values()) {
      Kind kind = new Kind(topic.topicName, state.name());
      metrics.gauge(
          "sagax_dead_letters",
          "Dead letters by state; each replica counts them all. OPEN: nobody has decided yet.",
          () -> counts.getOrDefault(kind, 0L),
          "topic",
          kind.topic(),
          "state",
          kind.state());
    }
  }

  /** Counts them anew. */
  public Future<Void> look() {
    return db.query(sql)
        .execute()
        .map(rows -> {
          Map<Kind, Long> found = new HashMap<>();
          for (Row row : rows) {
            found.put(
                new Kind(row.getString("topic"), row.getString("state")), row.getLong("letters"));
          }
          counts = found;
          return null;
        });
  }
}
