package dev.sagax.platform.log;

import dev.sagax.platform.tracing.Fact;
import dev.sagax.platform.tracing.Traceparent;
import dev.sagax.platform.tracing.Tracing;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The spans of one batch of a step: one for every record whose trace is kept, from the begin of the
 * batch until what it emits is acknowledged. A batch that is not committed leaves none, because it
 * is handled again; and what its records carry on is a function of the record and the step, so that
 * all tries say the same.
 */
final class StepTrace {
  private static final Logger LOG = LoggerFactory.getLogger(StepTrace.class);
  private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
  private static final AttributeKey<Long> BATCH =
      AttributeKey.longKey("messaging.batch.message_count");
  private static final AttributeKey<Long> SEQ = AttributeKey.longKey("sagax.seq");
  private static final AttributeKey<List<String>> EMITTED =
      AttributeKey.stringArrayKey("sagax.emitted");

  private final Tracing tracing;
  private final Context step;
  private final Map<LogRecord, Traced> traced;
  private List<LogRecord> committed = List.of();

  private static final class Traced {
    final Span span;
    final LogHeader header;
    List<String> emitted;

    Traced(Span span) {
      this.span = span;
      this.header = LogHeader.of(Tracing.traceparent(span));
    }
  }

  private StepTrace(Tracing tracing, Context step, Map<LogRecord, Traced> traced) {
    this.tracing = tracing;
    this.step = step;
    this.traced = traced;
  }

  /** No spans; what records carry is carried on. */
  static StepTrace none() {
    return new StepTrace(Tracing.OFF, null, Map.of());
  }

  /**
   * @param step the context of the step
   */
  static StepTrace begin(
      Tracing tracing, SagaDefinition saga, List<LogRecord> records, Context step) {
    if (!tracing.isOn()) {
      return none();
    }
    try {
      return beginAll(tracing, saga, records, step);
    } catch (RuntimeException bug) {
      LOG.error("A batch goes on without its traces service={}", saga.service(), bug);
      return none();
    }
  }

  private static StepTrace beginAll(
      Tracing tracing, SagaDefinition saga, List<LogRecord> records, Context step) {
    Map<LogRecord, Traced> traced = new IdentityHashMap<>();
    for (LogRecord record : records) {
      record
          .traceparent()
          .filter(Traceparent::sampled)
          .map(parent -> begin(tracing, saga, record, parent, records.size()))
          .ifPresent(span -> traced.put(record, new Traced(span)));
    }
    return traced.isEmpty() ? none() : new StepTrace(tracing, step, traced);
  }

  private static Span begin(
      Tracing tracing, SagaDefinition saga, LogRecord record, Traceparent parent, int batch) {
    Span span =
        tracing.step(
            parent,
            saga.service(),
            record.topic().topicName,
            record.partition(),
            record.position());
    span.setAttribute(OFFSET, record.offset()).setAttribute(BATCH, (long) batch);
    if (record.topic().numbered()) {
      span.setAttribute(SEQ, record.position());
    }
    return span;
  }

  /** The header that carries the trace of a record on; null if it belongs to none. */
  LogHeader header(LogRecord cause) {
    Traced known = traced.get(cause);
    return known != null ? known.header : cause.traceparent().map(LogHeader::of).orElse(null);
  }

  /** A record was emitted because of another. */
  void emitted(LogRecord cause, Topic topic, int partition, long seq) {
    Traced known = traced.get(cause);
    if (known != null) {
      if (known.emitted == null) {
        known.emitted = new ArrayList<>(2);
      }
      known.emitted.add(topic.topicName + "/" + partition + "/" + seq);
    }
  }

  void tell(LogRecord record, Fact fact, Supplier<String> value) {
    Traced known = traced.get(record);
    if (known != null) {
      Tracing.tell(known.span, fact, value.get());
    }
  }

  /** What is asked of other services from now on is asked for these records. */
  void worksFor(List<LogRecord> records) {
    if (!traced.isEmpty()) {
      tracing.worksFor(
          records.stream()
              .map(traced::get)
              .filter(Objects::nonNull)
              .map(known -> known.span)
              .toList(),
          step);
    }
  }

  /** These records are decided, and what that leaves behind is committed. */
  void committed(List<LogRecord> records) {
    committed = records;
    event("committed");
  }

  /** The batch is over; what it has not committed leaves no spans. Never throws. */
  void end(boolean published) {
    if (traced.isEmpty()) {
      return;
    }
    try {
      endAll(published);
    } catch (RuntimeException bug) {
      LOG.error("The spans of a batch are lost", bug);
    }
  }

  private void endAll(boolean published) {
    worksFor(List.of());
    if (!published) {
      event("not acknowledged; published again by whoever loads the partition");
    }
    for (LogRecord record : committed) {
      Traced known = traced.get(record);
      if (known != null) {
        if (known.emitted != null) {
          known.span.setAttribute(EMITTED, known.emitted);
        }
        known.span.end();
      }
    }
  }

  private void event(String name) {
    if (traced.isEmpty()) {
      return;
    }
    for (LogRecord record : committed) {
      Traced known = traced.get(record);
      if (known != null) {
        known.span.addEvent(name);
      }
    }
  }
}
