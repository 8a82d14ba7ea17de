package dev.sagax.platform.log;

import dev.sagax.platform.tracing.Traceparent;
import java.util.List;
import java.util.Optional;

/**
 * A record that a step has accepted.
 *
 * @param position its seq on a numbered topic, its offset otherwise
 * @param timeMillis when its writer appended it, milliseconds since 1970; negative if not known
 * @param key null if the writer gave none
 * @param value null if the writer gave none
 */
public record LogRecord(
    Topic topic,
    int partition,
    long position,
    long offset,
    long timeMillis,
    byte[] key,
    byte[] value,
    List<LogHeader> headers) {

  public LogRecord(
      Topic topic, int partition, long position, long offset, byte[] key, byte[] value) {
    this(topic, partition, position, offset, -1, key, value, List.of());
  }

  /** The trace that it belongs to, by its last header of that name. */
  public Optional<Traceparent> traceparent() {
    for (int i = headers.size() - 1; i >= 0; i--) {
      if (headers.get(i).name().equals(Traceparent.HEADER)) {
        return Traceparent.parse(headers.get(i).value());
      }
    }
    return Optional.empty();
  }

  /** What it weighs: key, value and headers. */
  public int bytes() {
    int bytes = length(key) + length(value);
    for (LogHeader header : headers) {
      bytes += header.name().length() + length(header.value());
    }
    return bytes;
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
