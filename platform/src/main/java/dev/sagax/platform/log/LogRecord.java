package dev.sagax.platform.log;

import java.util.Map;

/**
 * A record that a step has accepted.
 *
 * @param position its seq on a numbered topic, its offset otherwise
 * @param key null if the writer gave none
 * @param value null if the writer gave none
 */
public record LogRecord(
    Topic topic,
    int partition,
    long position,
    long offset,
    byte[] key,
    byte[] value,
    Map<String, byte[]> headers) {

  public LogRecord(
      Topic topic, int partition, long position, long offset, byte[] key, byte[] value) {
    this(topic, partition, position, offset, key, value, Map.of());
  }
}
