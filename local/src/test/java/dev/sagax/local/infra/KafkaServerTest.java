package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaServerTest {
  private static final TopicPartition KEPT = new TopicPartition("kept", 0);

  @TempDir private static Path home;
  private KafkaServer kafka;

  @BeforeAll
  void start() {
    kafka = new KafkaServer(home, 0);
    kafka.start();
  }

  @AfterAll
  void stop() {
    kafka.close();
  }

  @Test
  void keepsDataAndPortOverStopAndKill() throws Exception {
    int port = kafka.port();
    createTopic(kafka);
    append(kafka, "stopped");

    kafka.stop();
    kafka.start();
    append(kafka, "killed");
    long pid = kafka.pid();
    kafka.kill();
    assertThat(ProcessHandle.of(pid)).isEmpty();
    kafka.start();

    assertThat(kafka.port()).isEqualTo(port);
    assertThat(readAll(kafka)).containsExactly("stopped", "killed");
  }

  @Test
  void makesNoTopicThatNobodyDeclared() {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
      assertThatThrownBy(() ->
              admin.describeTopics(List.of("undeclared")).allTopicNames().get(10, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }
  }

  private static void createTopic(KafkaServer kafka) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
      assertThat(admin.describeCluster().nodes().get(10, TimeUnit.SECONDS)).hasSize(1);
      admin
          .createTopics(List.of(new NewTopic(KEPT.topic(), 1, (short) 1)))
          .all()
          .get(10, TimeUnit.SECONDS);
    }
  }

  private static void append(KafkaServer kafka, String value) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrap(), "acks", "all");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(KEPT.topic(), value)).get(30, TimeUnit.SECONDS);
    }
  }

  private static List<String> readAll(KafkaServer kafka) {
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrap());
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(KEPT));
      consumer.seekToBeginning(List.of(KEPT));
      long end = consumer.endOffsets(List.of(KEPT)).get(KEPT);
      List<String> values = new ArrayList<>();
      while (consumer.position(KEPT) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      }
      return values;
    }
  }
}
