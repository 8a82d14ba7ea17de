package dev.sagax.platform.stream;

import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The numbers that a service has given out on a topic, from its tables: whatever is committed in
 * the same snapshot has caused records up to these, and no cursor can be beyond them.
 */
public final class OutputNumbers {
  private final String query;
  private final String service;
  private final Topic topic;

  /**
   * @param schema of the service that writes the topic
   */
  public OutputNumbers(String schema, String service, Topic topic) {
    this.query =
        "select partition, last_seq from %s.step_output where service = $1 and topic = $2"
            .formatted(schema);
    this.service = service;
    this.topic = topic;
  }

  /** The number of the last record of each of these partitions; 0 where there is none. */
  public Future<Cursor> of(SqlClient db, Set<Integer> partitions) {
    return db.preparedQuery(query)
        .execute(Tuple.of(service, topic.topicName))
        .map(rows -> toCursor(rows, partitions));
  }

  private static Cursor toCursor(RowSet<Row> rows, Set<Integer> partitions) {
    Map<Integer, Long> numbers = new HashMap<>();
    partitions.forEach(partition -> numbers.put(partition, 0L));
    for (Row row : rows) {
      numbers.replace(row.getInteger("partition"), row.getLong("last_seq"));
    }
    return new Cursor(numbers);
  }

  /**
   * The cursor, if it is not beyond what was given out; fails with INVALID_CURSOR otherwise: it is
   * of another exchange, or the tables went back in time.
   */
  public Future<Cursor> check(SqlClient db, Cursor cursor) {
    return of(db, new TreeSet<>(cursor.positions().keySet()))
        .map(given -> {
          cursor
              .positions()
              .forEach((partition, position) -> {
                if (position > given.positions().get(partition)) {
                  throw Cursor.refuse(
                      "The cursor is at record %d of partition %d, which has only %d."
                          .formatted(position, partition, given.positions().get(partition)));
                }
              });
          return cursor;
        });
  }
}
