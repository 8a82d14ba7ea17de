package dev.sagax.local.infra;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Redis as the ledger demands it: every write is on disk before its reply, nothing is evicted. */
public final class RedisServer extends Server {

  /**
   * @param port 0 for the port of the last start over this directory, or any free one
   */
  public RedisServer(Path home, int port) {
    super("Redis", home, port);
  }

  public String uri() {
    return "redis://" + HOST + ":" + port();
  }

  /** Where every write is before its reply. */
  public Path appendOnlyFile() {
    return data().resolve("appendonly.aof");
  }

  @Override
  void prepare() {}

  @Override
  List<String> command() throws IOException {
    return List.of(
        Binaries.redis().toString(),
        "--bind",
        HOST,
        "--port",
        String.valueOf(port()),
        "--dir",
        data().toString(),
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--no-appendfsync-on-rewrite",
        "no",
        "--maxmemory-policy",
        "noeviction",
        "--save",
        "");
  }

  @Override
  String processName() {
    return "redis-server";
  }

  @Override
  String stopSignal() {
    return "TERM";
  }

  @Override
  boolean answers() throws IOException {
    try (Socket socket = new Socket(HOST, port())) {
      socket.setSoTimeout(1000);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] reply = socket.getInputStream().readNBytes(5);
      return new String(reply, StandardCharsets.US_ASCII).equals("+PONG");
    }
  }

  @Override
  String explain(String log) {
    return log.contains("libssl.so.3") || log.contains("libcrypto.so.3")
        ? "It needs OpenSSL 3 (libssl.so.3; the package libssl3 on Debian and Ubuntu)."
        : "";
  }
}
