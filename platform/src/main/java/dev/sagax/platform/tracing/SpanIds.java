package dev.sagax.platform.tracing;

import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.HexFormat;

/**
 * The ids of spans: random ones, but for the span of a step over a record, whose id is a function
 * of the record and the step. What the step emits carries that id, so a batch that is handled again
 * emits the same bytes.
 */
final class SpanIds implements IdGenerator {
  private static final long ODD = 0x9e3779b97f4a7c15L;

  private final IdGenerator random = IdGenerator.random();
  private final ThreadLocal<String> next = new ThreadLocal<>();

  /** The next span that this thread starts has this id. */
  void choose(String spanId) {
    next.set(spanId);
  }

  @Override
  public String generateSpanId() {
    String chosen = next.get();
    if (chosen == null) {
      return random.generateSpanId();
    }
    next.remove();
    return chosen;
  }

  @Override
  public String generateTraceId() {
    return random.generateTraceId();
  }

  /**
   * @param parent what the record carries
   * @param step the name of the step
   * @param position of the record in its topic-partition
   */
  static String ofStep(
      Traceparent parent, String step, String topic, int partition, long position) {
    long id = HexFormat.fromHexDigitsToLong(parent.spanId());
    id = mix(id ^ HexFormat.fromHexDigitsToLong(parent.traceId(), 16, 32));
    id = mix(id + step.hashCode());
    id = mix(id + topic.hashCode());
    id = mix(id + partition);
    id = mix(id + position);
    return HexFormat.of().toHexDigits(id == 0 ? 1 : id);
  }

  /** Every bit of the value changes about half of the bits. */
  private static long mix(long value) {
    long z = value * ODD + ODD;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
