package dev.sagax.platform.log;

import dev.sagax.platform.tracing.Traceparent;

/**
 * A header of a record. A record may have several of one name; their order counts.
 *
 * @param value null if the writer gave none
 */
public record LogHeader(String name, byte[] value) {

  /** The header that carries a trace on. */
  static LogHeader of(Traceparent traceparent) {
    return new LogHeader(Traceparent.HEADER, traceparent.bytes());
  }
}
