package dev.sagax.platform.log;

/**
 * A header of a record. A record may have several of one name; their order counts.
 *
 * @param value null if the writer gave none
 */
public record LogHeader(String name, byte[] value) {}
