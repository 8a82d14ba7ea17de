package dev.sagax.platform.log;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Where the log ends for its reader. Blocking; safe on any thread. */
public final class LogEnds {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final KafkaSettings kafka;
  private final String clientId;
  private final int partitions;

  public LogEnds(KafkaSettings kafka, String service, int partitions) {
    this.kafka = kafka;
    this.clientId = service + "-log-ends";
    this.partitions = partitions;
  }

  /**
   * The position of the last record of each partition that the reader will accept; the applied one
   * where nothing follows it that it accepts. A numbered topic is read for it, from the applied
   * position to its present end: a record there says nothing of the ones before it, since its
   * number may be a stray's.
   *
   * @param applied how far the reader has applied its topics
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer
   * @throws IllegalStateException if the log has lost records that the reader has not applied yet:
   *     then nobody knows where it ends for this reader
   */
  public Map<Integer, Long> lastPositions(Topic topic, StepPositions applied) {
    List<TopicPartition> all =
        IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(topic.topicName, partition))
            .toList();
    Map<Integer, Long> last = new HashMap<>();
    try (var consumer = kafka.freeConsumer(clientId)) {
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      for (TopicPartition tp : all) {
        StepPositions.Applied from = applied.of(tp.partition(), topic);
        last.put(
            tp.partition(),
            topic.numbered()
                ? lastNumber(consumer, tp, from, begins.get(tp), ends.get(tp))
                : ends.get(tp) - 1);
      }
    }
    return last;
  }

  /** Counts as a step accepts; nothing that was read is kept. */
  private static long lastNumber(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition tp,
      StepPositions.Applied from,
      long begin,
      long end) {
    long last = from.position();
    boolean later = false;
    consumer.assign(List.of(tp));
    consumer.seek(tp, Math.max(begin, from.nextOffset()));
    long answeredNanos = System.nanoTime();
    while (consumer.position(tp) < end) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        answeredNanos = System.nanoTime();
      } else if (System.nanoTime() - answeredNanos > ANSWER.toNanos()) {
        throw new TimeoutException("The end of " + tp + " could not be read in time.");
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        long number = RecordSeq.of(record.headers());
        if (record.offset() < end && number == last + 1) {
          last++;
        } else {
          later |= record.offset() < end && number > last + 1;
        }
      }
    }
    if (begin > from.nextOffset() && later && last == from.position()) {
      throw new IllegalStateException(
          "%s begins at offset %d, behind offset %d from where it is to be read, and number %d is not there any more."
              .formatted(tp, begin, from.nextOffset(), last + 1));
    }
    return last;
  }
}
