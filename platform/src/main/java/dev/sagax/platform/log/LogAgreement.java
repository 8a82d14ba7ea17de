package dev.sagax.platform.log;

import dev.sagax.platform.log.OutputLog.Tail;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether a PostgreSQL and a log are of one exchange at one time, of all partitions at once: what
 * every step asks of its own when it loads, for who has put one of them back and must know it
 * before a service is started. It only reads.
 */
public final class LogAgreement {
  private final KafkaSettings kafka;
  private final String clientId;

  public LogAgreement(KafkaSettings kafka, String clientId) {
    this.kafka = kafka;
    this.clientId = clientId;
  }

  /** How far a step has applied an input: its reader, and where it reads on. */
  public record Applied(String service, TopicPartition input, long nextOffset) {}

  /** What stands at the end of the log's numbered topics. */
  public record Numbers(List<Tail> tails) {}

  /** The positions that PostgreSQL has; to be read before {@link #lost}. */
  public static Future<List<Applied>> applied(SqlClient db, String schema) {
    return db.query(
            "select service, partition, topic, next_offset from %s.step_input".formatted(schema))
        .execute()
        .map(rows -> {
          List<Applied> applied = new ArrayList<>();
          for (Row row : rows) {
            applied.add(
                new Applied(row.getString("service"), partition(row), row.getLong("next_offset")));
          }
          return applied;
        });
  }

  /** The last numbers that PostgreSQL has given out; to be read after {@link #numbers}. */
  public static Future<Map<TopicPartition, Long>> given(SqlClient db, String schema) {
    return db.query("select topic, partition, last_seq from %s.step_output".formatted(schema))
        .execute()
        .map(rows -> {
          Map<TopicPartition, Long> given = new HashMap<>();
          rows.forEach(row -> given.put(partition(row), row.getLong("last_seq")));
          return given;
        });
  }

  private static TopicPartition partition(Row row) {
    return new TopicPartition(row.getString("topic"), row.getInteger("partition"));
  }

  /** Blocking. */
  public Numbers numbers() {
    List<Topic> numbered = Arrays.stream(Topic.values()).filter(Topic::numbered).toList();
    List<Tail> tails = new ArrayList<>();
    OutputLog log = new OutputLog(kafka, clientId);
    int partitions = partitions();
    for (int partition = 0; partition < partitions; partition++) {
      tails.add(log.read(partition, numbered));
    }
    return new Numbers(tails);
  }

  private int partitions() {
    try (KafkaConsumer<byte[], byte[]> consumer = kafka.freeConsumer(clientId)) {
      return consumer.partitionsFor(Topic.ORDER_REQUESTED.topicName).size();
    }
  }

  /** What the log has that PostgreSQL has not given out: PostgreSQL went back in time. Blocking. */
  public List<String> ahead(Numbers log, Map<TopicPartition, Long> given) {
    List<String> findings = new ArrayList<>();
    OutputLog outputs = new OutputLog(kafka, clientId);
    for (Tail tail : log.tails()) {
      for (Topic topic : tail.highest().keySet()) {
        long last = given.getOrDefault(new TopicPartition(topic.topicName, tail.partition()), 0L);
        try {
          outputs.requireNotAhead(tail.of(topic), Map.of(topic, last));
        } catch (PartitionStoppedException ahead) {
          findings.add(ahead.getMessage());
        }
      }
    }
    return findings;
  }

  /**
   * What PostgreSQL has applied that the log does not have: the log went back in time. Blocking.
   */
  public List<String> lost(List<Applied> applied) {
    List<TopicPartition> inputs = applied.stream().map(Applied::input).distinct().toList();
    try (KafkaConsumer<byte[], byte[]> consumer = kafka.freeConsumer(clientId)) {
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(inputs);
      Map<TopicPartition, Long> ends = consumer.endOffsets(inputs);
      return applied.stream()
          .map(a -> lost(a, begins.get(a.input()), ends.get(a.input())))
          .flatMap(Optional::stream)
          .toList();
    }
  }

  private static Optional<String> lost(Applied applied, long begin, long end) {
    boolean numbered = Topic.ofName(applied.input().topic()).map(Topic::numbered).orElse(false);
    if (applied.nextOffset() > end) {
      return Optional.of(
          "Kafka went back in time: %s has applied %s up to offset %d, but the log ends at %d."
              .formatted(applied.service(), applied.input(), applied.nextOffset(), end));
    }
    return begin > applied.nextOffset() && !numbered
        ? Optional.of(
            "Kafka has deleted records that are not applied: %s reads %s from offset %d, but the log begins at %d."
                .formatted(applied.service(), applied.input(), applied.nextOffset(), begin))
        : Optional.empty();
  }
}
