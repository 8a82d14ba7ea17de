package dev.sagax.bench.dlq;

import com.google.protobuf.ByteString;
import java.io.PrintWriter;

/** Bytes that may be anything, shown so that a terminal shows them and does nothing else. */
final class HexDump {
  private static final int A_LINE = 16;

  private HexDump() {}

  static void print(ByteString bytes, PrintWriter out) {
    for (int start = 0; start < bytes.size(); start += A_LINE) {
      StringBuilder hex = new StringBuilder();
      StringBuilder text = new StringBuilder();
      for (int i = start; i < Math.min(start + A_LINE, bytes.size()); i++) {
        hex.append("%02x ".formatted(bytes.byteAt(i) & 0xff));
        text.append(printable(bytes.byteAt(i)));
      }
      out.println("  %06x  %-48s %s".formatted(start, hex, text));
    }
  }

  private static char printable(byte b) {
    return b >= ' ' && b < 0x7f ? (char) b : '.';
  }
}
