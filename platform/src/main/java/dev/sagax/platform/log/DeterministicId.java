package dev.sagax.platform.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Ids that a client's retry arrives at again: the first 128 bits of SHA-256 over the
 * length-prefixed parts, as 32 lowercase hexadecimal digits.
 */
public final class DeterministicId {
  private static final int BYTES = 16;
  private static final int DIGITS = 2 * BYTES;

  /** Never fed, only cloned: to look the algorithm up costs more than to hash an id. */
  private static final MessageDigest SHA_256 = sha256();

  private DeterministicId() {}

  public static String orderId(String account, String market, String clientOrderId) {
    return hex(digest("order", account, market, clientOrderId));
  }

  /**
   * @param kind "deposit" or "withdrawal", so that an account cannot occupy ids of its operator's
   *     deposits
   */
  public static String transferId(String kind, String account, String requestId) {
    return hex(digest("transfer", kind, account, requestId));
  }

  /** The id of the instruction that cancels all orders of an account after a deadline. */
  public static String cancelAllId(int partition, String account, String market, long deadline) {
    return hex(
        digest(
            "cancel all", Integer.toString(partition), account, market, Long.toString(deadline)));
  }

  /** The partition that an account's transfers go to, for ever. */
  public static int accountPartition(String account, int partitions) {
    return Math.floorMod(ByteBuffer.wrap(digest("account", account)).getInt(), partitions);
  }

  /** Whether a text could be an id at all. */
  public static boolean isWellFormed(String id) {
    if (id.length() != DIGITS) {
      return false;
    }
    for (int i = 0; i < DIGITS; i++) {
      char c = id.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest, 0, BYTES);
  }

  private static byte[] digest(String... parts) {
    MessageDigest sha = fresh();
    for (String part : parts) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
      sha.update(bytes);
    }
    return sha.digest();
  }

  private static MessageDigest fresh() {
    try {
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("The SHA-256 of this Java runtime cannot be cloned", e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-256", e);
    }
  }
}
