package dev.sagax.bench.chaos;

import java.io.IOException;
import java.io.InputStream;
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

  /** How many keys there are, without the one that says which run of Redis was seen last. */
  long keysOfALedger() {
    String count = "return redis.call('DBSIZE') - redis.call('EXISTS', KEYS[1])";
    return Long.parseLong(send("EVAL", count, "1", "{ledger}:run"));
  }

  /**
   * A figure that Redis tells of itself.
   *
   * @param name "aof_current_size"
   */
  long info(String name) {
    return send("INFO", "persistence")
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("Redis does not tell its " + name + "."));
  }

  private String send(String... words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      int bytes = word.getBytes(StandardCharsets.UTF_8).length;
      request.append("$" + bytes + "\r\n" + word + "\r\n");
    }
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      return reply(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line, a number or a text. */
  private static String reply(InputStream in) throws IOException {
    int kind = in.read();
    String line = line(in);
    if (kind == '-' || kind < 0) {
      throw new IllegalStateException("Redis refused: " + line);
    }
    return kind == '$'
        ? new String(in.readNBytes(Integer.parseInt(line)), StandardCharsets.UTF_8)
        : line;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      line.append((char) c);
    }
    return line.toString().strip();
  }
}
