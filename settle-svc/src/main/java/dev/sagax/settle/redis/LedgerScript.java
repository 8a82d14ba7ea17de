package dev.sagax.settle.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The only three things that change a balance. Each is the shared prelude and its own part. */
enum LedgerScript {
  HOLD("hold.lua"),
  SETTLE("settle.lua"),
  TRANSFER("transfer.lua");

  final String text;

  /** What EVALSHA calls it by. */
  final String sha;

  LedgerScript(String resource) {
    text = read("prelude.lua") + "\n" + read(resource);
    sha = sha1(text);
  }

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
