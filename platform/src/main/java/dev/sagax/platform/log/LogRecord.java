package dev.sagax.platform.log;

/**
 * A record that a step has accepted.
 *
 * @param position its seq on a numbered topic, its offset otherwise
 */
public record LogRecord(
    Topic topic, int partition, long position, long offset, byte[] key, byte[] value) {}
