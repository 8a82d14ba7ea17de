package dev.sagax.platform.log;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * What stands at the end of the topics that a step numbers, to be compared with PostgreSQL's
 * numbering when the step loads. A number reaches the log only after PostgreSQL has committed it;
 * so a log that was read BEFORE the snapshot and is ahead of it proves that PostgreSQL went back in
 * time. Going on would give out numbers twice, and readers would ignore the second ones. Blocking;
 * safe on any thread.
 */
final class OutputLog {
  /** The last records may be repeats of older ones: this many are looked at. */
  private static final int TAIL = 500;

  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaSettings kafka;
  private final String clientId;

  OutputLog(KafkaSettings kafka, String service) {
    this.kafka = kafka;
    this.clientId = service + "-output-log";
  }

  /** The numbers at the end of each topic, as they stand in one partition. */
  record Tail(int partition, Map<Topic, List<Long>> numbers) {

    /**
     * Compares with what PostgreSQL gave out. As a reader would, it counts a record only as the
     * next number, or behind its predecessor: a stray one proves nothing.
     *
     * @throws PartitionStoppedException if a topic is ahead
     */
    void requireNotAheadOf(Map<Topic, Long> lastSeq) {
      numbers.forEach((topic, seqs) -> {
        long given = lastSeq.getOrDefault(topic, 0L);
        OptionalLong ahead = lastAheadOf(given, seqs);
        if (ahead.isPresent()) {
          throw ahead(topic, ahead.getAsLong(), given);
        }
      });
    }

    /** The last number of a topic that was not given out, as far as a reader would count it. */
    static OptionalLong lastAheadOf(long given, List<Long> seqs) {
      OptionalLong ahead = OptionalLong.empty();
      long before = 0;
      for (long seq : seqs) {
        if (seq > given && (seq == given + 1 || seq == before + 1)) {
          ahead = OptionalLong.of(Math.max(seq, ahead.orElse(0)));
        }
        before = seq;
      }
      return ahead;
    }

    private PartitionStoppedException ahead(Topic topic, long seq, long given) {
      return new PartitionStoppedException(
          ("%s has record %d in partition %d, but PostgreSQL has given out numbers up to %d only: PostgreSQL went"
                  + " back in time. Stop all services, restore it to a state that has number %d or a later one, and look"
                  + " with ./sagax stores check before any is started; until then rebuild nothing.")
              .formatted(topic, seq, partition, given, seq),
          null);
    }
  }

  /**
   * With a client of its own, so that a partition whose broker is away delays no other.
   *
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer
   */
  Tail read(int partition, List<Topic> topics) {
    List<TopicPartition> all =
        topics.stream().map(topic -> new TopicPartition(topic.topicName, partition)).toList();
    try (var consumer = kafka.freeConsumer(clientId + "-" + partition)) {
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      List<TopicPartition> written =
          all.stream().filter(tp -> begins.get(tp) < ends.get(tp)).toList();
      consumer.assign(written);
      written.forEach(tp -> consumer.seek(tp, Math.max(begins.get(tp), ends.get(tp) - TAIL)));
      return new Tail(partition, readTo(ends, written, consumer));
    }
  }

  private static Map<Topic, List<Long>> readTo(
      Map<TopicPartition, Long> ends,
      List<TopicPartition> written,
      KafkaConsumer<byte[], byte[]> consumer) {
    Map<Topic, List<Long>> numbers = new EnumMap<>(Topic.class);
    long begin = System.nanoTime();
    while (written.stream().anyMatch(tp -> consumer.position(tp) < ends.get(tp))) {
      if (System.nanoTime() - begin > ANSWER.toNanos()) {
        throw new TimeoutException("The ends of the output topics could not be read in time.");
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        numbers
            .computeIfAbsent(Topic.ofName(record.topic()).orElseThrow(), topic -> new ArrayList<>())
            .add(RecordSeq.of(record.headers()));
      }
    }
    return numbers;
  }
}
