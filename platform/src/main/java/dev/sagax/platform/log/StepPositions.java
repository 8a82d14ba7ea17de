package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a service has applied its inputs, as last committed.
 *
 * @param byPartition partitions that never applied anything are missing, and so are topics
 */
public record StepPositions(Map<Integer, Map<Topic, Applied>> byPartition) {

  /** The last applied position of a topic, and the offset to read on from. */
  public record Applied(long position, long nextOffset) {
    /** Before the first record of a topic. */
    public static Applied nothing(Topic topic) {
      return new Applied(topic.beforeFirst(), 0);
    }
  }

  /** How far a topic is applied. */
  public Applied of(int partition, Topic topic) {
    return byPartition
        .getOrDefault(partition, Map.of())
        .getOrDefault(topic, Applied.nothing(topic));
  }

  /** Reads the positions of a service's steps. */
  public static Future<StepPositions> read(SqlClient db, String schema, String service) {
    return db.preparedQuery(
            "select partition, topic, position, next_offset from %s.step_input where service = $1"
                .formatted(schema))
        .execute(Tuple.of(service))
        .map(rows -> {
          Map<Integer, Map<Topic, Applied>> positions = new HashMap<>();
          for (Row row : rows) {
            positions
                .computeIfAbsent(row.getInteger("partition"), p -> new EnumMap<>(Topic.class))
                .put(
                    Topic.ofName(row.getString("topic")).orElseThrow(),
                    new Applied(row.getLong("position"), row.getLong("next_offset")));
          }
          return new StepPositions(positions);
        });
  }
}
