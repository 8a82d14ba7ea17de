package dev.sagax.settle.redis;

import dev.sagax.platform.fault.FaultPoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The only three things that change a balance. Each is the shared prelude and its own part. */
enum LedgerScript {
  HOLD(
      "hold.lua",
      FaultPoint.SETTLE_REDIS_BEFORE_HOLD,
      FaultPoint.SETTLE_REDIS_MID_HOLD,
      FaultPoint.SETTLE_REDIS_AFTER_HOLD),
  SETTLE(
      "settle.lua",
      FaultPoint.SETTLE_REDIS_BEFORE_SETTLE,
      FaultPoint.SETTLE_REDIS_MID_SETTLE,
      FaultPoint.SETTLE_REDIS_AFTER_SETTLE),
  TRANSFER(
      "transfer.lua",
      FaultPoint.SETTLE_REDIS_BEFORE_TRANSFER,
      FaultPoint.SETTLE_REDIS_MID_TRANSFER,
      FaultPoint.SETTLE_REDIS_AFTER_TRANSFER);

  final String text;

  /** What EVALSHA calls it by. */
  final String sha;

  /** Where a batch that calls it can be cut: before, between two calls, after. */
  final FaultPoint before;

  final FaultPoint mid;
  final FaultPoint after;

  LedgerScript(String resource, FaultPoint before, FaultPoint mid, FaultPoint after) {
    this.before = before;
    this.mid = mid;
    this.after = after;
    text = read("prelude.lua") + "\n" + read(resource);
    sha = sha1(text);
  }

  /** A script of this package. */
  static String read(String resource) {
    try (InputStream in = LedgerScript.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java runtime has SHA-1", e);
    }
  }
}
