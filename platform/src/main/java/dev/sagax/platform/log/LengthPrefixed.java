package dev.sagax.platform.log;

import io.vertx.core.buffer.Buffer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/** Texts and bytes as PostgreSQL keeps them for a record: behind their length, -1 for null. */
final class LengthPrefixed {
  private LengthPrefixed() {}

  static void append(Buffer out, byte[] bytes) {
    out.appendInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) {
      out.appendBytes(bytes);
    }
  }

  static void append(Buffer out, String text) {
    append(out, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Their number, then name and value of each. */
  static void append(Buffer out, List<LogHeader> headers) {
    out.appendInt(headers.size());
    for (LogHeader header : headers) {
      append(out, header.name());
      append(out, header.value());
    }
  }

  /**
   * @throws BufferUnderflowException if there is less than the length says
   */
  static byte[] bytes(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0) {
      return null;
    }
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  /**
   * @throws NoSuchElementException for null
   */
  static String text(ByteBuffer in) {
    byte[] bytes = bytes(in);
    if (bytes == null) {
      throw new NoSuchElementException("null for a name");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static List<LogHeader> headers(ByteBuffer in) {
    List<LogHeader> headers = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      headers.add(new LogHeader(text(in), bytes(in)));
    }
    return headers;
  }
}
