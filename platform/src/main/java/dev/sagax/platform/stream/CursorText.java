package dev.sagax.platform.stream;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * How cursors are written: what one says, bound to the stream that it was made for. It is no secret
 * and gives no right.
 *
 * <pre>
 *   base64url( version, body, first 8 bytes of SHA-256(all that, the stream's name) )
 * </pre>
 */
public final class CursorText {
  private static final int VERSION = 1;
  private static final int TAG_BYTES = 8;
  private static final int MAX_LENGTH = 64 * 1_024;
  private static final String BREAK = "\n";

  private CursorText() {}

  /**
   * @param stream what makes it this stream: the method, the caller, the filters; none has a line
   *     break
   */
  public static String of(byte[] body, List<String> stream) {
    byte[] all = new byte[1 + body.length + TAG_BYTES];
    all[0] = VERSION;
    System.arraycopy(body, 0, all, 1, body.length);
    System.arraycopy(tag(all, 1 + body.length, stream), 0, all, 1 + body.length, TAG_BYTES);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
  }

  /**
   * The body of a cursor.
   *
   * @param stream as it was given to {@link #of}
   * @throws RefusedException INVALID_CURSOR if it was not made for this stream
   */
  public static byte[] read(String text, List<String> stream) {
    byte[] all = decode(text);
    byte[] body = Arrays.copyOfRange(all, 1, all.length - TAG_BYTES);
    if (!of(body, stream).equals(text)) {
      throw notOfThisStream();
    }
    return body;
  }

  private static byte[] decode(String text) {
    if (text.length() > MAX_LENGTH) {
      throw notOfThisStream();
    }
    byte[] all;
    try {
      all = Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException notOurs) {
      throw notOfThisStream();
    }
    if (all.length <= TAG_BYTES) {
      throw notOfThisStream();
    }
    return all;
  }

  /** INVALID_CURSOR. */
  public static RefusedException notOfThisStream() {
    return Refusal.ofField(
            Reason.INVALID_CURSOR,
            "cursor",
            "The cursor was not given out by this stream to this caller with these filters.")
        .asException();
  }

  private static byte[] tag(byte[] all, int length, List<String> stream) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(all, 0, length);
      return sha.digest(String.join(BREAK, stream).getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}
