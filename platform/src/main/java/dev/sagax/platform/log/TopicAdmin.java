package dev.sagax.platform.log;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates the saga's topics where they are missing, gives those more partitions that have too few,
 * and refuses ones of another shape. What is in a partition stays there: a record's partition is
 * named by whoever writes it, never found by the number of them. Blocking: not for event loops.
 */
public final class TopicAdmin {
  private static final long RETRY_MILLIS = 50;
  private static final int RETRIES = 100;

  private final KafkaSettings kafka;
  private final int partitions;
  private final short replication;
  private final TopicRules rules;

  public TopicAdmin(KafkaSettings kafka, int partitions, short replication) {
    this.kafka = kafka;
    this.partitions = partitions;
    this.replication = replication;
    this.rules = TopicRules.of(partitions, replication);
  }

  /**
   * @throws IllegalStateException if an existing topic breaks a rule; the message names both
   * @throws org.apache.kafka.common.KafkaException if the broker is away
   */
  public void ensureTopics() {
    Properties settings = kafka.common("topic-admin");
    settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "5000");
    settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "10000");
    try (Admin admin = Admin.create(settings)) {
      createMissing(admin);
      grow(admin);
      refuseUnsafe(admin, RETRIES);
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
    config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(rules.retentionMillis()));
    config.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
    config.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
    config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(rules.inSyncReplicas()));
    config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(rules.messageBytes()));
    return new NewTopic(topic.topicName, partitions, replication).configs(config);
  }

  /** All of them at once: whoever owns partition p of one topic must own it of the others. */
  private void grow(Admin admin) throws InterruptedException {
    Map<String, NewPartitions> few = new TreeMap<>();
    try {
      describe(admin).values().stream()
          .filter(topic -> topic.partitions().size() < partitions)
          .forEach(topic -> few.put(topic.name(), NewPartitions.increaseTo(partitions)));
    } catch (UnknownTopicOrPartitionException createdJustNow) {
      return; // and so with all its partitions; one that is not is refused below
    }
    if (few.isEmpty()) {
      return; // whoever only reads and writes topics need not have the right to change them
    }
    for (var grown : admin.createPartitions(few).values().values()) {
      try {
        await(grown);
      } catch (InvalidPartitionsException anotherInstanceWasFaster) {
        continue;
      }
    }
  }

  private static Map<String, TopicDescription> describe(Admin admin) throws InterruptedException {
    return await(admin.describeTopics(names()).allTopicNames());
  }

  private static List<String> names() {
    return Arrays.stream(Topic.values()).map(t -> t.topicName).toList();
  }

  /** A topic that was created or grew a moment ago is not known to every broker yet. */
  private void refuseUnsafe(Admin admin, int retries) throws InterruptedException {
    try {
      refuseUnsafe(admin);
    } catch (UnknownTopicOrPartitionException | TooFewPartitionsException notYet) {
      if (retries == 0) {
        throw notYet;
      }
      KafkaSettings.pause(RETRY_MILLIS);
      refuseUnsafe(admin, retries - 1);
    }
  }

  /** A broker that has not heard of new partitions yet, or a topic that somebody else made. */
  private static final class TooFewPartitionsException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    TooFewPartitionsException(String message) {
      super(message);
    }
  }

  private void refuseUnsafe(Admin admin) throws InterruptedException {
    List<String> names = names();
    Map<String, TopicDescription> topics = describe(admin);
    Map<ConfigResource, Config> configs =
        await(admin.describeConfigs(names.stream().map(TopicAdmin::resource).toList()).all());
    List<String> broken =
        names.stream()
            .flatMap(name -> rules.brokenBy(topics.get(name), configs.get(resource(name))).stream())
            .toList();
    if (!broken.isEmpty()) {
      String said = "The topics cannot be trusted with money: " + String.join(" ", broken);
      throw topics.values().stream().anyMatch(topic -> topic.partitions().size() < partitions)
          ? new TooFewPartitionsException(said)
          : new IllegalStateException(said);
    }
  }

  private static ConfigResource resource(String topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic);
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
