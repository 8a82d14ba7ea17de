package dev.sagax.platform.log;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.tracing.SendSpan;
import dev.sagax.platform.tracing.Traceparent;
import dev.sagax.platform.tracing.Tracing;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Appends through the service's one producer. */
public final class KafkaLogAppender implements LogAppender {
  private final SagaProducer producer;
  private final Tracing tracing;

  /**
   * @param tracing gives what is appended a trace, that of the call for which it is appended
   */
  public KafkaLogAppender(SagaProducer producer, Tracing tracing) {
    this.producer = producer;
    this.tracing = tracing;
  }

  @Override
  public Future<Long> append(Topic topic, int partition, String key, MessageLite message) {
    var record =
        new ProducerRecord<>(
            topic.topicName,
            partition,
            key.getBytes(StandardCharsets.UTF_8),
            message.toByteArray());
    SendSpan span = tracing.send(topic.topicName, partition);
    span.traceparent().ifPresent(trace -> record.headers().add(Traceparent.HEADER, trace.bytes()));
    return append(topic, record, span);
  }

  /** Appends a record again as it was, byte for byte, in the trace it had; fails like the other. */
  Future<Long> append(Topic topic, int partition, DeadLetter.Content content) {
    var record = new ProducerRecord<>(topic.topicName, partition, content.key(), content.value());
    content.headers().forEach(header -> record.headers().add(header.name(), header.value()));
    return append(topic, record, SendSpan.NONE);
  }

  private Future<Long> append(Topic topic, ProducerRecord<byte[], byte[]> record, SendSpan span) {
    Promise<Long> appended = Promise.promise();
    producer.send(
        record,
        (metadata, failure) -> {
          if (failure == null) {
            span.appended(metadata.offset());
            appended.tryComplete(metadata.offset());
          } else {
            span.failed(failure);
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
