package dev.sagax.platform.log;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * What stands in the topics that a step numbers, to be compared with PostgreSQL's numbering when
 * the step loads. A number reaches the log only after PostgreSQL has committed it; so a log that
 * was read BEFORE the snapshot and is ahead of it proves that PostgreSQL went back in time. Going
 * on would give out numbers twice, and readers would ignore the second ones.
 *
 * <p>Ahead is what a reader would accept as the number after the last one of PostgreSQL. Higher
 * numbers that no reader accepts prove nothing, however many: a process that should be dead may
 * have left them, from a time that a restored database does not know. Blocking; safe on any thread.
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

  /**
   * How a partition of the topics ended.
   *
   * @param ends the offset behind the last record
   * @param highest the highest number among the last records
   */
  record Tail(int partition, Map<Topic, Long> ends, Map<Topic, Long> highest) {

    /** What it says of one topic. */
    Tail of(Topic topic) {
      return new Tail(
          partition,
          Map.of(topic, ends.get(topic)),
          highest.containsKey(topic) ? Map.of(topic, highest.get(topic)) : Map.of());
    }

    /** The topics with higher numbers at their end than were given out. */
    List<Topic> doubtful(Map<Topic, Long> lastSeq) {
      return highest.keySet().stream()
          .filter(topic -> highest.get(topic) > lastSeq.getOrDefault(topic, 0L))
          .toList();
    }
  }

  /**
   * With a client of its own, so that a partition whose broker is away delays no other.
   *
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer
   */
  Tail read(int partition, List<Topic> topics) {
    Map<Topic, Long> ends = new EnumMap<>(Topic.class);
    Map<Topic, Long> highest = new EnumMap<>(Topic.class);
    try (var consumer = kafka.freeConsumer(clientId + "-" + partition)) {
      List<TopicPartition> all = topics.stream().map(topic -> at(topic, partition)).toList();
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(all);
      consumer
          .endOffsets(all)
          .forEach((tp, end) -> ends.put(Topic.ofName(tp.topic()).orElseThrow(), end));
      for (Topic topic : topics) {
        long end = ends.get(topic);
        long from = Math.max(begins.get(at(topic, partition)), end - TAIL);
        readTo(
            end,
            at(topic, partition),
            from,
            consumer,
            number -> highest.merge(topic, number, Math::max));
      }
      return new Tail(partition, ends, highest);
    }
  }

  /**
   * What a log has of the numbers from one on.
   *
   * @param highest 0 for none
   */
  record Span(long begin, long end, long highest) {}

  /**
   * Looks for a number, or higher ones, wherever they may stand: late repeats of older records may
   * fill the end.
   *
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer
   */
  Span span(Tail tail, Topic topic, long number) {
    TopicPartition tp = at(topic, tail.partition());
    long end = tail.ends().get(topic);
    long[] highest = {tail.highest().getOrDefault(topic, 0L)};
    try (var consumer = kafka.freeConsumer(clientId + "-" + tail.partition())) {
      long begin = consumer.beginningOffsets(List.of(tp)).get(tp);
      readTo(
          end,
          tp,
          Math.max(begin, number - 1),
          consumer,
          seq -> highest[0] = Math.max(highest[0], seq));
      return new Span(begin, end, highest[0]);
    }
  }

  /**
   * Compares the log, up to where it ended, with what PostgreSQL gave out.
   *
   * @throws PartitionStoppedException if a topic is ahead
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer
   */
  void requireNotAhead(Tail tail, Map<Topic, Long> lastSeq) {
    List<Topic> doubtful = tail.doubtful(lastSeq);
    if (doubtful.isEmpty()) {
      return;
    }
    try (var consumer = kafka.freeConsumer(clientId + "-" + tail.partition())) {
      for (Topic topic : doubtful) {
        TopicPartition tp = at(topic, tail.partition());
        long begin = consumer.beginningOffsets(List.of(tp)).get(tp);
        Reader reader = new Reader(lastSeq.getOrDefault(topic, 0L), begin);
        readTo(
            tail.ends().get(topic),
            tp,
            Math.max(begin, reader.firstOffset()),
            consumer,
            reader::read);
        reader.requireNotAhead(tp);
      }
    }
  }

  /**
   * Reads a topic as a step would that has accepted all but the last of the numbers that were given
   * out. The number s stands at offset s - 1 or later, since each record before it has an offset of
   * its own: so it begins soon enough, unless the log does not keep that place any more. Then it
   * cannot tell which of the records a reader has accepted, and any two in a row count as accepted.
   */
  static final class Reader {
    private final long given;
    private final boolean whole;
    private long accepted;
    private long before;
    private long suspect;

    /**
     * @param given the last number that was given out
     * @param begin the first offset that the log keeps
     */
    Reader(long given, long begin) {
      this.given = given;
      this.accepted = Math.max(0, given - TAIL);
      this.whole = begin <= firstOffset();
    }

    /** Where the first record may be that it accepts. */
    long firstOffset() {
      return Math.max(0, given - TAIL);
    }

    void read(long number) {
      if (number == accepted + 1) {
        accepted++;
      }
      if (suspect == 0 && number > given && (number == given + 1 || number == before + 1)) {
        suspect = number;
      }
      before = number;
    }

    void requireNotAhead(TopicPartition tp) {
      if (whole && accepted > given) {
        throw ahead(tp, given + 1);
      }
      if (!whole && suspect > 0) {
        throw ahead(tp, suspect);
      }
    }

    private PartitionStoppedException ahead(TopicPartition tp, long number) {
      return new PartitionStoppedException(
          ("PostgreSQL went back in time: %s has record %d in partition %d, but PostgreSQL has given out numbers up to"
                  + " %d only. Stop all services, restore it to a state that has number %d or a later one, and look"
                  + " with ./sagax stores check before any is started; until then rebuild nothing.")
              .formatted(tp.topic(), number, tp.partition(), given, number),
          null);
    }
  }

  private static TopicPartition at(Topic topic, int partition) {
    return new TopicPartition(topic.topicName, partition);
  }

  private static void readTo(
      long end,
      TopicPartition tp,
      long from,
      KafkaConsumer<byte[], byte[]> consumer,
      Consumer<Long> numbers) {
    if (from >= end) {
      return;
    }
    consumer.assign(List.of(tp));
    consumer.seek(tp, from);
    long answeredNanos = System.nanoTime();
    while (consumer.position(tp) < end) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        answeredNanos = System.nanoTime();
      } else if (System.nanoTime() - answeredNanos > ANSWER.toNanos()) {
        throw new TimeoutException("The end of " + tp + " could not be read in time.");
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.offset() < end) {
          numbers.accept(RecordSeq.of(record.headers()));
        }
      }
    }
  }
}
