package dev.sagax.platform.log;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one producer of a service process. After some errors a producer fails every further send for
 * ever; then a new one takes its place. What the old one did not acknowledge is for the caller to
 * send again, as after any other failure.
 */
public final class SagaProducer {
  private static final Logger LOG = LoggerFactory.getLogger(SagaProducer.class);
  private static final long RETRY_MILLIS = 20;
  private static final int RETRIES = 250;
  private static final long REPLACE_MILLIS = 1_000;
  private static final Duration CLOSE = Duration.ofSeconds(3);

  private final Supplier<Producer<byte[], byte[]>> maker;
  private final AtomicBoolean replacing = new AtomicBoolean();
  private volatile Producer<byte[], byte[]> current;
  private volatile boolean closed;

  /**
   * @throws KafkaException if no broker's name resolves
   */
  public SagaProducer(KafkaSettings kafka, String clientId) {
    this(() -> kafka.producer(clientId));
  }

  SagaProducer(Supplier<Producer<byte[], byte[]>> maker) {
    this.maker = maker;
    this.current = maker.get();
  }

  /**
   * Sends a record and never blocks.
   *
   * @param callback told once, on any thread, also of what the producer throws
   */
  public void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    Producer<byte[], byte[]> used = current;
    try {
      used.send(
          record,
          (metadata, failure) -> {
            replaceIfBroken(used, failure);
            callback.onCompletion(metadata, failure);
          });
    } catch (KafkaException | IllegalStateException thrown) {
      replaceIfBroken(used, thrown);
      callback.onCompletion(null, thrown);
    }
  }

  private void replaceIfBroken(Producer<byte[], byte[]> used, Exception failure) {
    if (isFatal(failure) && used == current && !closed && replacing.compareAndSet(false, true)) {
      LOG.error("The producer cannot send any more and is replaced", failure);
      Thread.ofPlatform().daemon().name("producer-replacement").start(() -> replace(used));
    }
  }

  /** Whether a producer that failed a send with this fails all later ones too. */
  static boolean isFatal(Throwable failure) {
    return switch (failure) {
      case null -> false;
      case ApplicationRecoverableException fenced -> true;
      case OutOfOrderSequenceException lostItsNumbers -> true;
      case AuthorizationException rights -> true;
      case AuthenticationException rights -> true;
      case UnsupportedVersionException broker -> true;
      case IllegalStateException closed -> true;
      default -> isFatal(failure.getCause());
    };
  }

  private void replace(Producer<byte[], byte[]> broken) {
    try {
      while (!closed && current == broken) {
        KafkaSettings.pause(REPLACE_MILLIS);
        tryReplacement();
      }
    } finally {
      broken.close(Duration.ZERO);
      replacing.set(false);
    }
  }

  private void tryReplacement() {
    Producer<byte[], byte[]> next = null;
    try {
      next = maker.get();
      learnPartitions(next);
      current = next;
      LOG.info("A new producer took the place of the one that could not send any more");
    } catch (KafkaException notNow) {
      LOG.warn("A new producer has to wait {} ms: {}", REPLACE_MILLIS, notNow.toString());
    } finally {
      if (next != null && (closed || current != next)) {
        next.close(Duration.ZERO);
      }
    }
  }

  /**
   * Fetches where every partition is, so that no first send has to wait for it. Blocking: not for
   * event loops.
   *
   * @throws TimeoutException if the broker does not say within 5 s
   */
  public void learnPartitions() {
    learnPartitions(current);
  }

  private static void learnPartitions(Producer<byte[], byte[]> producer) {
    for (Topic topic : Topic.values()) {
      learn(producer, topic, RETRIES);
    }
  }

  private static void learn(Producer<byte[], byte[]> producer, Topic topic, int retries) {
    try {
      producer.partitionsFor(topic.topicName);
    } catch (TimeoutException notYet) {
      if (retries == 0) {
        throw notYet;
      }
      KafkaSettings.pause(RETRY_MILLIS);
      learn(producer, topic, retries - 1);
    }
  }

  /** Sends what is buffered, closes. Blocking: not for event loops. */
  public Void close() {
    closed = true;
    current.close(CLOSE);
    return null;
  }
}
