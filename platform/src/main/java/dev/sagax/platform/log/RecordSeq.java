package dev.sagax.platform.log;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** The number of a record in its topic-partition: the header {@code seq}, a decimal text. */
final class RecordSeq {
  static final String HEADER = "seq";
  private static final int MAX_DIGITS = 18;

  private RecordSeq() {}

  static byte[] encode(long seq) {
    return Long.toString(seq).getBytes(StandardCharsets.US_ASCII);
  }

  /** The number, or 0 - which no reader ever accepts - for a record without a proper one. */
  static long of(Headers headers) {
    Header header = headers.lastHeader(HEADER);
    return header == null ? 0 : parse(header.value());
  }

  private static long parse(byte[] digits) {
    if (digits == null || digits.length == 0 || digits.length > MAX_DIGITS) {
      return 0;
    }
    long seq = 0;
    for (byte digit : digits) {
      if (digit < '0' || digit > '9') {
        return 0;
      }
      seq = seq * 10 + (digit - '0');
    }
    return seq;
  }
}
