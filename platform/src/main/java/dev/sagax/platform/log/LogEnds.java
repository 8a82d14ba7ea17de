package dev.sagax.platform.log;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/** Where the log ends. Blocking; safe on any thread. */
public final class LogEnds {
  private final KafkaSettings kafka;
  private final String clientId;
  private final int partitions;

  public LogEnds(KafkaSettings kafka, String service, int partitions) {
    this.kafka = kafka;
    this.clientId = service + "-log-ends";
    this.partitions = partitions;
  }

  /**
   * The position of the last record of each partition that a reader would accept; what stands
   * before the first one where there is none.
   *
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer
   */
  public Map<Integer, Long> lastPositions(Topic topic) {
    return topic.numbered() ? lastNumbers(topic) : lastOffsets(topic);
  }

  private Map<Integer, Long> lastNumbers(Topic topic) {
    OutputLog log = new OutputLog(kafka, clientId);
    Map<Integer, Long> last = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      last.put(partition, log.read(partition, List.of(topic)).last(topic));
    }
    return last;
  }

  private Map<Integer, Long> lastOffsets(Topic topic) {
    List<TopicPartition> all =
        IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(topic.topicName, partition))
            .toList();
    Map<Integer, Long> last = new HashMap<>();
    try (var consumer = kafka.freeConsumer(clientId)) {
      consumer.endOffsets(all).forEach((tp, end) -> last.put(tp.partition(), end - 1));
    }
    return last;
  }
}
