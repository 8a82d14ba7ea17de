package dev.sagax.local.e2e;

import dev.sagax.platform.log.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The broker's log as anybody with a plain client sees it. */
public final class Log implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long SEND_SECONDS = 20;

  private final String bootstrap;
  private final int partitions;
  private final KafkaProducer<byte[], byte[]> producer;

  public Log(String bootstrap, int partitions) {
    this.bootstrap = bootstrap;
    this.partitions = partitions;
    Properties settings = new Properties();
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Appends a record and returns its offset. */
  public long append(Topic topic, int partition, byte[] value, Map<String, String> headers) {
    var record = new ProducerRecord<byte[], byte[]>(topic.topicName, partition, null, value);
    headers.forEach((name, text) -> record.headers().add(name, utf8(text)));
    return append(record);
  }

  /** Appends any record and returns its offset. */
  public long append(ProducerRecord<byte[], byte[]> record) {
    try {
      return producer.send(record).get(SEND_SECONDS, TimeUnit.SECONDS).offset();
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  public long append(Topic topic, int partition, byte[] value) {
    return append(topic, partition, value, Map.of());
  }

  /** Where the next record of every partition goes. */
  public Map<Integer, Long> ends(Topic topic) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      Map<Integer, Long> ends = new TreeMap<>();
      consumer.endOffsets(partitionsOf(topic)).forEach((p, end) -> ends.put(p.partition(), end));
      return ends;
    }
  }

  /** How many records a topic has in all. */
  public long size(Topic topic) {
    return ends(topic).values().stream().mapToLong(Long::longValue).sum();
  }

  /** Every record of a topic up to its end at the time of the call. */
  public List<ConsumerRecord<byte[], byte[]>> read(Topic topic) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> all = partitionsOf(topic);
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (all.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(POLL).forEach(records::add);
      }
      return records;
    }
  }

  /** The record at an offset. */
  public ConsumerRecord<byte[], byte[]> at(Topic topic, int partition, long offset) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      TopicPartition from = new TopicPartition(topic.topicName, partition);
      consumer.assign(List.of(from));
      consumer.seek(from, offset);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      while (records.isEmpty() && consumer.position(from) == offset) {
        consumer.poll(POLL).forEach(records::add);
      }
      return records.getFirst();
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Properties settings = new Properties();
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, "1"); // nobody waits for more to come
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private List<TopicPartition> partitionsOf(Topic topic) {
    List<TopicPartition> all = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      all.add(new TopicPartition(topic.topicName, p));
    }
    return all;
  }

  /** A header as text, "" where it is missing. */
  public static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
