package dev.sagax.platform.log;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What a topic must be like to be trusted with money, whoever created it.
 *
 * @param partitions exactly
 * @param replicas at least, as are the others
 */
record TopicRules(
    int partitions, int replicas, int inSyncReplicas, long retentionMillis, int messageBytes) {
  private static final int ENOUGH_REPLICAS = 3;
  private static final int MESSAGE_BYTES = 4 * 1024 * 1024;
  private static final long FOR_EVER = -1;

  /**
   * @param replication of the topics that are created; below 3 only for one machine, which its
   *     setting allows
   */
  static TopicRules of(int partitions, short replication) {
    return new TopicRules(
        partitions,
        Math.min(replication, ENOUGH_REPLICAS),
        replication > 1 ? 2 : 1,
        Topic.RETENTION.toMillis(),
        MESSAGE_BYTES);
  }

  /** Each rule that a topic breaks, as a sentence that begins with its name. */
  List<String> brokenBy(TopicDescription topic, Config config) {
    List<String> broken = new ArrayList<>();
    String name = topic.name();
    if (topic.partitions().size() != partitions) {
      broken.add(
          "%s has %d partitions, but topics.partitions says %d; the number may be raised, but never lowered."
              .formatted(name, topic.partitions().size(), partitions));
    }
    int fewest = topic.partitions().stream().mapToInt(p -> p.replicas().size()).min().orElse(0);
    if (fewest < replicas) {
      broken.add(
          "%s has a partition with replicas on %d brokers; it needs %d."
              .formatted(name, fewest, replicas));
    }
    long inSync = number(config, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
    if (inSync < inSyncReplicas) {
      broken.add(
          "%s has min.insync.replicas=%d; it needs %d, or one broker's loss loses acknowledged records."
              .formatted(name, inSync, inSyncReplicas));
    }
    if (Boolean.parseBoolean(
        config.get(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG).value())) {
      broken.add(
          "%s has unclean.leader.election.enable=true; it needs false, or an election loses acknowledged records."
              .formatted(name));
    }
    addRetention(name, config, broken);
    if (number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG) < messageBytes) {
      broken.add(
          "%s has max.message.bytes=%d; it needs %d, or a large record is never published."
              .formatted(name, number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG), messageBytes));
    }
    return broken;
  }

  private void addRetention(String name, Config config, List<String> broken) {
    String cleanup = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
    if (cleanup.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      broken.add(
          "%s has cleanup.policy=%s; compaction deletes records that are not yet applied."
              .formatted(name, cleanup));
    }
    long retention = number(config, TopicConfig.RETENTION_MS_CONFIG);
    if (retention != FOR_EVER && retention < retentionMillis) {
      broken.add(
          "%s has retention.ms=%d; it needs %d, or records are deleted that are not yet applied."
              .formatted(name, retention, retentionMillis));
    }
    long bytes = number(config, TopicConfig.RETENTION_BYTES_CONFIG);
    if (bytes != FOR_EVER) {
      broken.add(
          "%s has retention.bytes=%d; it needs -1, or a burst deletes records that are not yet applied."
              .formatted(name, bytes));
    }
  }

  private static long number(Config config, String key) {
    return Long.parseLong(config.get(key).value());
  }
}
