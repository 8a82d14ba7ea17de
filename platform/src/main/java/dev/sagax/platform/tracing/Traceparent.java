package dev.sagax.platform.tracing;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which trace something belongs to and which span caused it, as W3C Trace Context writes it.
 * Travels in the header of this name, of calls and of records.
 *
 * @param traceId 32 hex digits, not all 0
 * @param spanId 16 hex digits, not all 0: the parent of what is caused
 * @param sampled whether the spans of the trace are kept
 */
public record Traceparent(String traceId, String spanId, boolean sampled) {
  public static final String HEADER = "traceparent";

  /** What a later version adds behind a dash is ignored, as the standard says. */
  private static final Pattern TEXT =
      Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  private static final int MAX_LENGTH = 256;
  private static final String NO_TRACE = "0".repeat(32);
  private static final String NO_SPAN = "0".repeat(16);
  private static final int SAMPLED = 1;

  /** Reads a header; empty if it is not well-formed, and whoever meets it begins anew. */
  public static Optional<Traceparent> parse(String text) {
    if (text == null || text.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()
        || parts.group(1).equals("ff")
        || parts.group(1).equals("00") && parts.group(5) != null
        || parts.group(2).equals(NO_TRACE)
        || parts.group(3).equals(NO_SPAN)) {
      return Optional.empty();
    }
    boolean sampled = (HexFormat.fromHexDigits(parts.group(4)) & SAMPLED) != 0;
    return Optional.of(new Traceparent(parts.group(2), parts.group(3), sampled));
  }

  /** As the other, of a record's header; null is not well-formed either. */
  public static Optional<Traceparent> parse(byte[] value) {
    return value == null || value.length > MAX_LENGTH
        ? Optional.empty()
        : parse(new String(value, StandardCharsets.ISO_8859_1));
  }

  /** The value of a record's header. */
  public byte[] bytes() {
    return toString().getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String toString() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
