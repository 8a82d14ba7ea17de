package dev.sagax.bench.load;

import dev.sagax.platform.log.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Sees on {@code order.updated}, from outside, when each order of the run is settled. The broker
 * answers a fetch once in twenty milliseconds with all that has come, because one for every few
 * records would cost the measured exchange CPU; so an order may be seen up to that much late, and
 * never early.
 */
final class SettledWatch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final String FETCH_WAIT_MILLIS = "20";
  private static final String FETCH_BYTES = Integer.toString(1 << 20);
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
    p.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    p.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, FETCH_BYTES);
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
      }
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
