package dev.sagax.bench.chaos;

import dev.sagax.platform.log.Topic;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The stores of the exchange, looked at from outside, past all services. Blocking. */
final class Stores implements AutoCloseable {
  private static final long QUERY_SECONDS = 60;

  private final Vertx vertx = Vertx.vertx();
  private final Pool pool;
  private final String kafkaBootstrap;
  private final int partitions;

  Stores(String postgresUri, String kafkaBootstrap, int partitions) {
    this.pool =
        PgBuilder.pool().connectingTo(PgConnectOptions.fromUri(postgresUri)).using(vertx).build();
    this.kafkaBootstrap = kafkaBootstrap;
    this.partitions = partitions;
  }

  /**
   * The rows of a query.
   *
   * @throws IllegalStateException if PostgreSQL does not answer
   */
  List<Row> rows(String sql) {
    return rows(sql, QUERY_SECONDS);
  }

  /** As {@link #rows(String)}, with less patience. */
  List<Row> rows(String sql, long seconds) {
    List<Row> rows = new ArrayList<>();
    try {
      pool.query(sql)
          .execute()
          .toCompletionStage()
          .toCompletableFuture()
          .get(seconds, TimeUnit.SECONDS)
          .forEach(rows::add);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("PostgreSQL did not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return rows;
  }

  /** The offset that the next record of each partition of a topic will get, by partition. */
  Map<Integer, Long> endOffsets(Topic topic) {
    Properties settings = new Properties();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafkaBootstrap);
    List<TopicPartition> all =
        IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(topic.topicName, partition))
            .toList();
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Map<Integer, Long> ends = new TreeMap<>();
      consumer.endOffsets(all).forEach((partition, end) -> ends.put(partition.partition(), end));
      return ends;
    }
  }

  /** Somebody writes this to the first partition of a topic. */
  void append(Topic topic, byte[] value) {
    Properties settings = new Properties();
    settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafkaBootstrap);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic.topicName, 0, null, value)).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
