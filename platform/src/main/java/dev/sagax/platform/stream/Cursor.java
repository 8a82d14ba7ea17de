package dev.sagax.platform.stream;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where a stream stands: for each partition that it follows, the position of the last record that
 * it has seen. As a text it only continues the stream that it was made for, at any replica and
 * after any restart. The body of a text is a varint of the partition and one of the position, for
 * each partition.
 */
public record Cursor(Map<Integer, Long> positions) {

  /** Of a message with which a stream does not stand anywhere yet: it starts anew after it. */
  public static final Cursor ANEW = new Cursor(Map.of());

  public Cursor {
    positions = Map.copyOf(positions);
  }

  /**
   * @param stream what makes it this stream: the method, the caller, the filters; none has a line
   *     break
   */
  public String text(List<String> stream) {
    return CursorText.of(body(), stream);
  }

  /**
   * @param stream as it was given to {@link #text}
   * @param partitions that the stream follows. Those that came after the cursor was given out are
   *     missing in it, and begin with their first record
   * @return empty for the empty text and for {@link #ANEW}, with which a stream starts anew
   * @throws RefusedException INVALID_CURSOR if it was not made for this stream
   */
  public static Optional<Cursor> read(List<String> stream, Set<Integer> partitions, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Cursor cursor = decode(CursorText.read(text, stream));
    if (cursor.positions.isEmpty()) {
      return Optional.empty();
    }
    if (!cursor.text(stream).equals(text) || !cursor.isOf(partitions)) {
      throw CursorText.notOfThisStream();
    }
    return Optional.of(cursor.over(partitions));
  }

  /** Its partitions are these, or were these before they grew. */
  private boolean isOf(Set<Integer> partitions) {
    if (!partitions.containsAll(positions.keySet())) {
      return false;
    }
    int last = Collections.max(positions.keySet());
    return partitions.stream().allMatch(p -> p > last || positions.containsKey(p));
  }

  private Cursor over(Set<Integer> partitions) {
    Map<Integer, Long> all = new HashMap<>();
    partitions.forEach(partition -> all.put(partition, 0L));
    all.putAll(positions);
    return new Cursor(all);
  }

  /**
   * @param given the last numbers that were given out, of the same partitions
   * @throws RefusedException INVALID_CURSOR if it is beyond them: it is of another exchange, or
   *     this one went back in time
   */
  public void requireNotBeyond(Cursor given) {
    positions.forEach((partition, position) -> {
      if (position > given.positions.get(partition)) {
        throw Refusal.ofField(
                Reason.INVALID_CURSOR,
                "cursor",
                "The cursor is at record %d of partition %d, which has only %d."
                    .formatted(position, partition, given.positions.get(partition)))
            .asException();
      }
    });
  }

  private static Cursor decode(byte[] body) {
    try {
      Map<Integer, Long> positions = new TreeMap<>();
      CodedInputStream in = CodedInputStream.newInstance(body);
      while (!in.isAtEnd()) {
        int partition = in.readUInt32();
        long position = in.readUInt64();
        if (position < 0) {
          throw CursorText.notOfThisStream();
        }
        positions.put(partition, position);
      }
      return new Cursor(positions);
    } catch (IOException notOurs) {
      throw CursorText.notOfThisStream();
    }
  }

  private byte[] body() {
    try {
      var bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      for (Map.Entry<Integer, Long> place : new TreeMap<>(positions).entrySet()) {
        out.writeUInt32NoTag(place.getKey());
        out.writeUInt64NoTag(place.getValue());
      }
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O
    }
  }
}
