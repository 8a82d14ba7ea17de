package dev.sagax.bench.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Somebody who changes the ledger's Redis by hand. */
final class RedisDesk {
  private static final int ANSWER_MILLIS = 5_000;

  /** Keys: holds, account. Arguments: order, asset. */
  private static final String REMOVE_HOLD =
      """
      local held = redis.call('HGET', KEYS[1], ARGV[1])
      if not held then return 0 end
      redis.call('HINCRBY', KEYS[2], ARGV[2] .. ':h', '-' .. held)
      redis.call('HINCRBY', KEYS[2], ARGV[2] .. ':a', held)
      redis.call('HDEL', KEYS[1], ARGV[1], ARGV[1] .. ':l')
      return 1
      """;

  private final int port;

  RedisDesk(int port) {
    this.port = port;
  }

  /** Takes a hold away; its units become available. Nothing happens if there is none. */
  void removeHold(int partition, String orderId, String account, String asset) {
    send(
        "EVAL",
        REMOVE_HOLD,
        "2",
        "{ledger}:hold:" + partition,
        "{ledger}:acct:" + account,
        orderId,
        asset);
  }

  void flushAll() {
    send("FLUSHALL");
  }

  private void send(String... words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      int bytes = word.getBytes(StandardCharsets.UTF_8).length;
      request.append("$" + bytes + "\r\n" + word + "\r\n");
    }
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      int kind = socket.getInputStream().read();
      if (kind == '-' || kind < 0) {
        byte[] error = socket.getInputStream().readNBytes(80);
        throw new IllegalStateException(
            "Redis refused: " + new String(error, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
