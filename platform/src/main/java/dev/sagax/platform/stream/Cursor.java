package dev.sagax.platform.stream;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
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
 * after any restart. It is no secret and gives no right.
 *
 * <pre>
 *   base64url( version, { varint partition, varint position }..., first 8 bytes of
 *              SHA-256(all that, the stream's name) )
 * </pre>
 */
public record Cursor(Map<Integer, Long> positions) {
  private static final int VERSION = 1;
  private static final int TAG_BYTES = 8;
  private static final int MAX_LENGTH = 1_024;
  private static final String BREAK = "\n";

  public Cursor {
    positions = Map.copyOf(positions);
  }

  /**
   * @param stream what makes it this stream: the method, the caller, the filters; none has a line
   *     break
   */
  public String text(List<String> stream) {
    byte[] body = body();
    byte[] all = Arrays.copyOf(body, body.length + TAG_BYTES);
    System.arraycopy(tag(body, stream), 0, all, body.length, TAG_BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
  }

  /**
   * @param stream as it was given to {@link #text}
   * @param partitions that the stream follows. Those that came after the cursor was given out are
   *     missing in it, and begin with their first record
   * @return empty for the empty text, with which a stream starts anew
   * @throws RefusedException INVALID_CURSOR if it was not made for this stream
   */
  public static Optional<Cursor> read(List<String> stream, Set<Integer> partitions, String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      Cursor cursor = decode(text);
      if (cursor.text(stream).equals(text) && cursor.isOf(partitions)) {
        return Optional.of(cursor.over(partitions));
      }
    } catch (IOException | IllegalArgumentException notOurs) {
      // Refused below like every other text that no stream has given out.
    }
    throw refuse("The cursor was not given out by this stream to this caller with these filters.");
  }

  /** Its partitions are these, or were these before they grew. */
  private boolean isOf(Set<Integer> partitions) {
    if (positions.isEmpty() || !partitions.containsAll(positions.keySet())) {
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
        throw refuse(
            "The cursor is at record %d of partition %d, which has only %d."
                .formatted(position, partition, given.positions.get(partition)));
      }
    });
  }

  private static RefusedException refuse(String why) {
    return Refusal.ofField(Reason.INVALID_CURSOR, "cursor", why).asException();
  }

  private static Cursor decode(String text) throws IOException {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("No cursor is as long as this.");
    }
    byte[] all = Base64.getUrlDecoder().decode(text);
    if (all.length <= TAG_BYTES || all[0] != VERSION) {
      throw new IllegalArgumentException("No cursor of a version that is known.");
    }
    Map<Integer, Long> positions = new TreeMap<>();
    CodedInputStream in = CodedInputStream.newInstance(all, 1, all.length - TAG_BYTES - 1);
    while (!in.isAtEnd()) {
      int partition = in.readUInt32();
      long position = in.readUInt64();
      if (position < 0) {
        throw new IllegalArgumentException("No position is negative.");
      }
      positions.put(partition, position);
    }
    return new Cursor(positions);
  }

  private byte[] body() {
    try {
      var bytes = new ByteArrayOutputStream();
      bytes.write(VERSION);
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

  private static byte[] tag(byte[] body, List<String> stream) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(body);
      return sha.digest(String.join(BREAK, stream).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}
