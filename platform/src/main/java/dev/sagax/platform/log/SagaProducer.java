package dev.sagax.platform.log;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;

/** The one producer of a service process. */
public final class SagaProducer {
  private static final long RETRY_MILLIS = 20;
  private static final int RETRIES = 250;

  private final KafkaProducer<byte[], byte[]> producer;

  public SagaProducer(KafkaSettings kafka, String clientId) {
    producer = kafka.producer(clientId);
  }

  public Producer<byte[], byte[]> kafka() {
    return producer;
  }

  /**
   * Fetches where every partition is, so that no first send has to wait for it. Blocking: not for
   * event loops.
   *
   * @throws org.apache.kafka.common.errors.TimeoutException if the broker does not say within 5 s
   */
  public void learnPartitions() {
    for (Topic topic : Topic.values()) {
      learn(topic, RETRIES);
    }
  }

  private void learn(Topic topic, int retries) {
    try {
      producer.partitionsFor(topic.topicName);
    } catch (org.apache.kafka.common.errors.TimeoutException notYet) {
      if (retries == 0) {
        throw notYet;
      }
      pause();
      learn(topic, retries - 1);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends what is buffered, closes. Blocking: not for event loops. */
  public Void close() {
    producer.close(java.time.Duration.ofSeconds(3));
    return null;
  }
}
