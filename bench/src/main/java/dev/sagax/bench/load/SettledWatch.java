package dev.sagax.bench.load;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.OrderState;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.order.v1.OrderStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Sees on {@code order.updated}, from outside, when each order of the run is settled. */
final class SettledWatch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long HIGHEST_MICROS = 120_000_000;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, Long> startedNanos = new ConcurrentHashMap<>();
  private final Set<String> traded = ConcurrentHashMap.newKeySet();
  private final AtomicLong settled = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private final Thread thread;
  private Histogram latencyMicros = new Histogram(HIGHEST_MICROS, 3);
  private volatile boolean closed;

  SettledWatch(String bootstrap) {
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
    thread = Thread.ofPlatform().daemon().name("settled-watch").start(this::run);
  }

  /** An order is on its way since this moment. */
  void started(String orderId, long nanos) {
    startedNanos.put(orderId, nanos);
  }

  /** An order will not come: it was never recorded. */
  void forget(String orderId) {
    startedNanos.remove(orderId);
  }

  private void run() {
    while (!closed) {
      var records = consumer.poll(POLL);
      long now = System.nanoTime();
      records.forEach(record -> see(record.value(), now));
    }
    consumer.close();
  }

  private void see(byte[] value, long now) {
    OrderState order = parse(value).getOrder();
    if (order.getFilledUnits() > 0) {
      traded.add(order.getOrderId());
    }
    if (!order.getPlaced()) {
      return;
    }
    Long start = startedNanos.remove(order.getOrderId());
    if (start != null) {
      record((now - start) / 1_000);
      if (order.getStatus() == OrderStatus.ORDER_STATUS_REJECTED) {
        rejected.incrementAndGet();
      } else {
        settled.incrementAndGet();
      }
    }
  }

  private static OrderUpdated parse(byte[] value) {
    try {
      return OrderUpdated.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private synchronized void record(long micros) {
    latencyMicros.recordValue(Math.min(micros, HIGHEST_MICROS));
  }

  /**
   * The latencies since the last call, in microseconds from the intended send to the settled
   * update.
   */
  synchronized Histogram takeLatencies() {
    Histogram taken = latencyMicros;
    latencyMicros = new Histogram(HIGHEST_MICROS, 3);
    return taken;
  }

  long settled() {
    return settled.get();
  }

  long rejected() {
    return rejected.get();
  }

  /** Orders that have at least one fill. */
  int traded() {
    return traded.size();
  }

  /** Orders on their way. */
  int backlog() {
    return startedNanos.size();
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join(5_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
