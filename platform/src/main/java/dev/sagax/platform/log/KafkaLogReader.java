package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** A reader with one connection, made at the first reading, and one thread. */
public final class KafkaLogReader implements LogReader {
  private static final long LONGEST_MILLIS = 4_000;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ASK = Duration.ofSeconds(2);

  private final KafkaSettings kafka;
  private final String clientId;
  private final WorkerExecutor thread;
  private KafkaConsumer<byte[], byte[]> consumer;

  public KafkaLogReader(Vertx vertx, KafkaSettings kafka, String clientId) {
    this.kafka = kafka;
    this.clientId = clientId;
    this.thread =
        vertx.createSharedWorkerExecutor(clientId + "-" + System.identityHashCode(this), 1);
  }

  @Override
  public <T> Future<T> read(Function<LogView, T> reading) {
    return thread.executeBlocking(() -> reading.apply(new View(connected())), false);
  }

  private KafkaConsumer<byte[], byte[]> connected() {
    if (consumer == null) {
      consumer = kafka.lookupConsumer(clientId);
    }
    return consumer;
  }

  @Override
  public Future<Void> close() {
    return thread
        .<Void>executeBlocking(
            () -> {
              Optional.ofNullable(consumer).ifPresent(KafkaConsumer::close);
              return null;
            },
            false)
        .eventually(thread::close);
  }

  /** What one reading sees: the ends as they were when it first asked. */
  private static final class View implements LogView {
    private final long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_MILLIS);
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> begins = new HashMap<>();
    private final Map<TopicPartition, Long> ends = new HashMap<>();

    View(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public long begin(Topic topic, int partition) {
      return begins.computeIfAbsent(
          at(topic, partition), p -> consumer.beginningOffsets(List.of(p), ASK).get(p));
    }

    @Override
    public long end(Topic topic, int partition) {
      return ends.computeIfAbsent(
          at(topic, partition), p -> consumer.endOffsets(List.of(p), ASK).get(p));
    }

    @Override
    public List<LogRecord> read(Topic topic, int partition, long offset, int most) {
      TopicPartition from = at(topic, partition);
      long end = Math.min(end(topic, partition), offset + most);
      List<LogRecord> records = new ArrayList<>();
      if (offset >= end) {
        return records;
      }
      consumer.assign(List.of(from));
      consumer.seek(from, offset);
      while (consumer.position(from) < end && records.size() < most) {
        checkTime();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < end) {
            records.add(toLogRecord(topic, record));
          }
        }
      }
      return records;
    }

    private void checkTime() {
      if (System.nanoTime() - endNanos > 0) {
        throw new TimeoutException("The log was not read within %d ms.".formatted(LONGEST_MILLIS));
      }
    }

    @Override
    public OptionalLong offsetAt(Topic topic, int partition, long millis) {
      checkTime();
      TopicPartition asked = at(topic, partition);
      OffsetAndTimestamp found =
          consumer.offsetsForTimes(Map.of(asked, Math.max(0, millis)), ASK).get(asked);
      return found == null ? OptionalLong.empty() : OptionalLong.of(found.offset());
    }

    private static TopicPartition at(Topic topic, int partition) {
      return new TopicPartition(topic.topicName, partition);
    }

    private static LogRecord toLogRecord(Topic topic, ConsumerRecord<byte[], byte[]> record) {
      long position = topic.numbered() ? RecordSeq.of(record.headers()) : record.offset();
      List<LogHeader> headers = new ArrayList<>();
      record.headers().forEach(header -> headers.add(new LogHeader(header.key(), header.value())));
      return new LogRecord(
          topic,
          record.partition(),
          position,
          record.offset(),
          record.timestamp(),
          record.key(),
          record.value(),
          headers);
    }
  }
}
