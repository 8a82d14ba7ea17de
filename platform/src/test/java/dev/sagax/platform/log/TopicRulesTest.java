package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicRulesTest {
  private static final Node BROKER = new Node(1, "broker", 9092);
  private static final Map<String, String> SAFE =
      Map.of(
          "min.insync.replicas", "2",
          "retention.ms", "604800000",
          "retention.bytes", "-1",
          "cleanup.policy", "delete",
          "unclean.leader.election.enable", "false",
          "max.message.bytes", "4194304");

  private final TopicRules rules = TopicRules.of(4, (short) 3);

  @Test
  void safeTopicBreaksNoRule() {
    assertThat(rules.brokenBy(topic(4, 3), config("retention.ms", "-1"))).isEmpty();
    assertThat(rules.brokenBy(topic(4, 5), config("min.insync.replicas", "3"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "3, 3, retention.ms, 604800000, has 3 partitions",
    "5, 3, retention.ms, 604800000, has 5 partitions",
    "4, 2, retention.ms, 604800000, replicas on 2 brokers",
    "4, 3, min.insync.replicas, 1, min.insync.replicas=1",
    "4, 3, retention.ms, 604799999, retention.ms=604799999",
    "4, 3, retention.bytes, 1000000, retention.bytes=1000000",
    "4, 3, cleanup.policy, 'compact,delete', 'cleanup.policy=compact,delete'",
    "4, 3, unclean.leader.election.enable, true, unclean.leader.election.enable=true",
    "4, 3, max.message.bytes, 1048588, max.message.bytes=1048588",
  })
  void brokenRuleIsNamedWithItsTopic(
      int partitions, int replicas, String key, String value, String said) {
    List<String> broken = rules.brokenBy(topic(partitions, replicas), config(key, value));

    assertThat(broken).singleElement().asString().startsWith("settle.requested ").contains(said);
  }

  @Test
  void oneReplicaIsEnoughWhereItsSettingAllowsIt() {
    TopicRules local = TopicRules.of(4, (short) 1);

    assertThat(local.brokenBy(topic(4, 1), config("min.insync.replicas", "1"))).isEmpty();
  }

  private static TopicDescription topic(int partitions, int replicas) {
    List<TopicPartitionInfo> all =
        IntStream.range(0, partitions)
            .mapToObj(p ->
                new TopicPartitionInfo(
                    p, BROKER, Collections.nCopies(replicas, BROKER), List.of(BROKER)))
            .toList();
    return new TopicDescription("settle.requested", false, all);
  }

  private static Config config(String key, String value) {
    Map<String, String> all = new TreeMap<>(SAFE);
    all.put(key, value);
    return new Config(
        all.entrySet().stream().map(e -> new ConfigEntry(e.getKey(), e.getValue())).toList());
  }
}
