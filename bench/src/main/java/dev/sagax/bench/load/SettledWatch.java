package dev.sagax.bench.load;

import dev.sagax.platform.log.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Sees on {@code order.updated}, from outside, when each order of the run is settled. It looks once
 * in ten milliseconds at all that has come, which spares the broker a fetch for every few records;
 * so it may see an order up to that much late, and never early.
 */
final class SettledWatch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long PAUSE_MILLIS = 10;
  private static final long STOP_MILLIS = 5_000;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Tally tally;
  private final Thread thread;
  private volatile boolean closed;

  SettledWatch(String bootstrap, Tally tally) {
    this.tally = tally;
    Properties p = new Properties();
    p.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    p.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "5000");
    consumer = new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    consumer
        .partitionsFor(Topic.ORDER_UPDATED.topicName)
        .forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    thread = Thread.ofPlatform().daemon().name("settled-watch").unstarted(this::run);
  }

  /** From now on it sees whatever was appended after it was made. */
  void start() {
    thread.start();
  }

  private void run() {
    try (consumer) {
      while (!closed) {
        var records = consumer.poll(POLL);
        long now = System.nanoTime();
        records.forEach(record -> tally.updated(OrderNews.read(record.value()), now));
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
