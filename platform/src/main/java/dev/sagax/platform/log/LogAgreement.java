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

  /**
   * The last numbers that the brokers have acknowledged, as far as PostgreSQL can prove it; to be
   * read before {@link #numbers}. A step commits no batch before the one before it is acknowledged,
   * so all is acknowledged that its outbox does not hold. The outbox is read last: one that is
   * newer than the numbers proves more than is asked of it.
   */
  public static Future<Map<TopicPartition, Long>> acknowledged(SqlClient db, String schema) {
    return given(db, schema)
        .compose(given ->
            db.query("select partition, outbox from %s.step".formatted(schema))
                .execute()
                .map(rows -> {
                  for (Row row : rows) {
                    withoutThose(
                        OutboxRecord.decodeAll(row.getBuffer("outbox")),
                        row.getInteger("partition"),
                        given);
                  }
                  return given;
                }));
  }

  private static void withoutThose(
      List<OutboxRecord> outbox, int partition, Map<TopicPartition, Long> given) {
    for (OutboxRecord record : outbox) {
      given.computeIfPresent(
          new TopicPartition(record.topic().topicName, partition),
          (topic, last) -> Math.min(last, record.seq() - 1));
    }
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
   * What the brokers have acknowledged that the log does not have: the log went back in time, and
   * no step would ever publish it again. A topic that retention has emptied proves nothing.
   * Blocking.
   */
  public List<String> missing(Numbers log, Map<TopicPartition, Long> acknowledged) {
    OutputLog outputs = new OutputLog(kafka, clientId);
    List<String> findings = new ArrayList<>();
    for (Tail tail : log.tails()) {
      for (Topic topic : tail.ends().keySet()) {
        TopicPartition place = new TopicPartition(topic.topicName, tail.partition());
        long last = acknowledged.getOrDefault(place, 0L);
        if (last > tail.highest().getOrDefault(topic, 0L)) {
          missing(place, last, outputs.span(tail, topic, last)).ifPresent(findings::add);
        }
      }
    }
    return findings;
  }

  /** The number s stands at offset s - 1 or later, so a shorter log has never had it. */
  static Optional<String> missing(TopicPartition place, long acknowledged, OutputLog.Span log) {
    boolean emptied = log.begin() == log.end();
    return log.highest() >= acknowledged || emptied && log.end() >= acknowledged
        ? Optional.empty()
        : Optional.of(
            "Kafka went back in time: record %d of %s is acknowledged, but the log has numbers up to %d only."
                .formatted(acknowledged, place, log.highest()));
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
