package dev.sagax.platform.log;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Appends through the service's one producer. */
public final class KafkaLogAppender implements LogAppender {
  private final SagaProducer producer;

  public KafkaLogAppender(SagaProducer producer) {
    this.producer = producer;
  }

  @Override
  public Future<Long> append(Topic topic, int partition, String key, MessageLite message) {
    return append(
        topic,
        new ProducerRecord<>(
            topic.topicName,
            partition,
            key.getBytes(StandardCharsets.UTF_8),
            message.toByteArray()));
  }

  /** Appends a record again as it was, byte for byte; fails like the other. */
  Future<Long> append(Topic topic, int partition, DeadLetter.Content content) {
    var record = new ProducerRecord<>(topic.topicName, partition, content.key(), content.value());
    content.headers().forEach(header -> record.headers().add(header.name(), header.value()));
    return append(topic, record);
  }

  private Future<Long> append(Topic topic, ProducerRecord<byte[], byte[]> record) {
    Promise<Long> appended = Promise.promise();
    producer.send(
        record,
        (metadata, failure) -> {
          if (failure == null) {
            appended.tryComplete(metadata.offset());
          } else {
            appended.tryFail(refusal(topic, failure).asException());
          }
        });
    return appended.future();
  }

  /**
   * A producer that could not even queue the record says so by these; after any other failure it
   * may be in the log.
   */
  private static Refusal refusal(Topic topic, Exception failure) {
    boolean neverSent =
        failure instanceof org.apache.kafka.clients.producer.BufferExhaustedException
            || (failure instanceof org.apache.kafka.common.errors.TimeoutException
                && failure.getMessage() != null
                && failure.getMessage().contains("not present in metadata"))
            || failure instanceof org.apache.kafka.common.errors.RecordTooLargeException;
    return neverSent
        ? Refusal.of(
            Reason.DEPENDENCY_UNAVAILABLE,
            "The log cannot be reached, nothing was recorded; try again.")
        : Refusal.of(
            Reason.OUTCOME_UNKNOWN,
            "It is not known whether the instruction was recorded in "
                + topic
                + "; ask again with the same id.");
  }
}
