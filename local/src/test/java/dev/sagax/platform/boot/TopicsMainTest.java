package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.infra.KafkaServer;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.log.Topic;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TopicsMainTest {
  private static final int ENOUGH_FOR_A_BUSY_MACHINE = 12;

  @TempDir private static Path home;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
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

  @BeforeEach
  void forgetWhatWasSaid() {
    out.reset();
    err.reset();
  }

  @Test
  void makesEveryTopicOnceThenGrowsThemAndNeverShrinksThem() throws Exception {
    assertThat(run(kafka.bootstrap(), "3")).isZero();
    assertThat(run(kafka.bootstrap(), "3")).isZero();
    assertThat(said(out)).contains("All 15 topics are there, with 3 partitions each.");

    Map<String, TopicDescription> topics = describe();
    assertThat(topics).hasSize(Topic.values().length);
    assertThat(topics.values()).allSatisfy(topic -> assertThat(topic.partitions()).hasSize(3));

    assertThat(run(kafka.bootstrap(), "5")).isZero();
    assertThat(said(out)).contains("All 15 topics are there, with 5 partitions each.");
    assertThat(describe().values()).allSatisfy(topic -> assertThat(topic.partitions()).hasSize(5));

    assertThat(run(kafka.bootstrap(), "3")).isEqualTo(1);
    assertThat(said(err))
        .contains(
            "order.requested has 5 partitions, but topics.partitions says 3",
            "may be raised, but never lowered");
    assertThat(describe().values()).allSatisfy(topic -> assertThat(topic.partitions()).hasSize(5));
  }

  @Test
  void saysWhichSettingIsWrong() {
    assertThat(run("127.0.0.1:1", "none")).isEqualTo(2);
    assertThat(said(err)).contains("topics.partitions (SAGAX_TOPICS_PARTITIONS)", "none");
  }

  @Test
  void failsWhileTheBrokersAreAway() {
    assertThat(run("127.0.0.1:1", "3", 1)).isEqualTo(1);
    assertThat(said(err)).startsWith("Attempt 1 of 1: the brokers do not make the topics: ");
  }

  private int run(String bootstrap, String partitions) {
    return run(bootstrap, partitions, ENOUGH_FOR_A_BUSY_MACHINE);
  }

  private int run(String bootstrap, String partitions, int attempts) {
    Map<String, String> environment = new HashMap<>();
    environment.put(Setting.KAFKA_BOOTSTRAP.variable(), bootstrap);
    environment.put(Setting.TOPICS_PARTITIONS.variable(), partitions);
    environment.put(Setting.TOPICS_REPLICATION.variable(), "1");
    environment.put(Setting.TOPICS_ALLOW_UNREPLICATED.variable(), "true");
    return TopicsMain.run(environment, attempts, new PrintStream(out), new PrintStream(err));
  }

  private static String said(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }

  private Map<String, TopicDescription> describe() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
      return admin
          .describeTopics(Arrays.stream(Topic.values()).map(t -> t.topicName).toList())
          .allTopicNames()
          .get(30, TimeUnit.SECONDS);
    }
  }
}
