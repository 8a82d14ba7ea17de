package dev.sagax.match.api;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.stream.CursorText;
import dev.sagax.proto.market.v1.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a stream of tickers has told. A ticker changes with trades, with the best prices, and with
 * the minute in which its 24 hours end, so no position of a log says whether it is another one: its
 * content does, by a hash. The same rows make the same ticker at every replica and after a restart.
 *
 * @param minute the last one that was told of, in minutes since 1970; an earlier one is of a clock
 *     that is behind
 * @param told a hash of each ticker that was told, by market
 */
record TickerCursor(long minute, Map<String, Long> told) {
  static final TickerCursor NOTHING_TOLD = new TickerCursor(0, Map.of());

  TickerCursor {
    told = Map.copyOf(told);
  }

  String text(List<String> stream) {
    try {
      var bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeUInt64NoTag(minute);
      for (Map.Entry<String, Long> ticker : new TreeMap<>(told).entrySet()) {
        out.writeStringNoTag(ticker.getKey());
        out.writeFixed64NoTag(ticker.getValue());
      }
      out.flush();
      return CursorText.of(bytes.toByteArray(), stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O
    }
  }

  /**
   * @return empty for the empty text, with which a stream starts anew
   * @throws RefusedException INVALID_CURSOR if it was not made for this stream
   */
  static Optional<TickerCursor> read(List<String> stream, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      CodedInputStream in = CodedInputStream.newInstance(CursorText.read(text, stream));
      long minute = in.readUInt64();
      Map<String, Long> told = new TreeMap<>();
      while (!in.isAtEnd()) {
        told.put(in.readString(), in.readFixed64());
      }
      return Optional.of(new TickerCursor(minute, told));
    } catch (IOException notOurs) {
      throw CursorText.notOfThisStream();
    }
  }

  static long hash(Ticker ticker) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(ticker.toByteArray());
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}
