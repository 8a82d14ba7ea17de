package dev.sagax.platform.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * Creates the saga's topics where they are missing and refuses ones of another shape. Blocking: not
 * for event loops.
 */
public final class TopicAdmin {
  private static final String MAX_MESSAGE_BYTES = Integer.toString(4 * 1024 * 1024);

  private final KafkaSettings kafka;
  private final int partitions;
  private final short replication;

  public TopicAdmin(KafkaSettings kafka, int partitions, short replication) {
    this.kafka = kafka;
    this.partitions = partitions;
    this.replication = replication;
  }

  /**
   * @throws IllegalStateException if an existing topic has another number of partitions
   * @throws org.apache.kafka.common.KafkaException if the broker is away
   */
  public void ensureTopics() {
    Properties settings = kafka.common("topic-admin");
    settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "5000");
    settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "10000");
    try (Admin admin = Admin.create(settings)) {
      createMissing(admin);
      checkPartitions(admin);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  private void createMissing(Admin admin) throws InterruptedException {
    List<String> existing = await(admin.listTopics().names()).stream().toList();
    List<NewTopic> missing =
        Arrays.stream(Topic.values())
            .filter(topic -> !existing.contains(topic.topicName))
            .map(this::describe)
            .toList();
    for (var created : admin.createTopics(missing).values().values()) {
      try {
        await(created);
      } catch (TopicExistsException anotherInstanceWasFaster) {
        continue;
      }
    }
  }

  private NewTopic describe(Topic topic) {
    Map<String, String> config = new HashMap<>();
    config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(Topic.RETENTION.toMillis()));
    config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, replication > 1 ? "2" : "1");
    config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, MAX_MESSAGE_BYTES);
    return new NewTopic(topic.topicName, partitions, replication).configs(config);
  }

  private void checkPartitions(Admin admin) throws InterruptedException {
    List<String> names = Arrays.stream(Topic.values()).map(t -> t.topicName).toList();
    Map<String, TopicDescription> topics = await(admin.describeTopics(names).allTopicNames());
    List<String> wrong = new ArrayList<>();
    topics.forEach((name, topic) -> {
      if (topic.partitions().size() != partitions) {
        wrong.add(name + " has " + topic.partitions().size());
      }
    });
    if (!wrong.isEmpty()) {
      throw new IllegalStateException(
          "Expected %d partitions in every topic, but %s."
              .formatted(partitions, wrong.stream().sorted().collect(Collectors.joining(", "))));
    }
  }

  private static <T> T await(org.apache.kafka.common.KafkaFuture<T> future)
      throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
