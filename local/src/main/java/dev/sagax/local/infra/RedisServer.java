package dev.sagax.local.infra;

import dev.sagax.platform.tls.TlsFiles;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Redis as the ledger demands it: every write is on disk before its reply, nothing is evicted. */
public final class RedisServer extends Server {
  /** What Redis logs once it has read its files and serves. */
  private static final String LOADED = "Ready to accept connections";

  private Optional<Locks> locks = Optional.empty();

  private record Locks(TlsFiles tls, Path users) {}

  /**
   * @param port 0 for the port of the last start over this directory, or any free one
   */
  public RedisServer(Path home, int port) {
    super("Redis", home, port);
  }

  /**
   * From its next start on it speaks TLS alone, and nobody may do anything but the users of a file
   * with ACLs, as their rules say.
   */
  public RedisServer lockedFor(TlsFiles tls, Path users) {
    locks = Optional.of(new Locks(tls, users));
    return this;
  }

  /** Where a user of the file logs in. */
  public String uri(String user, String password) {
    return "rediss://%s:%s@%s:%d?cacert=%s"
        .formatted(user, password, HOST, port(), locks.orElseThrow().tls().ca());
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
    List<String> words = new ArrayList<>();
    words.addAll(List.of(Binaries.redis().toString(), "--bind", HOST));
    words.addAll(locks.map(this::locked).orElse(List.of("--port", String.valueOf(port()))));
    words.addAll(settings());
    return words;
  }

  private List<String> locked(Locks given) {
    return List.of(
        "--port",
        "0",
        "--tls-port",
        String.valueOf(port()),
        "--tls-cert-file",
        given.tls().certificate().toString(),
        "--tls-key-file",
        given.tls().key().toString(),
        "--tls-ca-cert-file",
        given.tls().ca().toString(),
        "--tls-auth-clients",
        "no",
        "--aclfile",
        given.users().toString());
  }

  private List<String> settings() {
    return List.of(
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
    if (locks.isPresent()) {
      return hasLoaded() && TlsProbe.shakesHands(HOST, port(), locks.get().tls().ca());
    }
    try (Socket socket = new Socket(HOST, port())) {
      socket.setSoTimeout(1000);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] reply = socket.getInputStream().readNBytes(5);
      return new String(reply, StandardCharsets.US_ASCII).equals("+PONG");
    }
  }

  /** Who has not logged in is not told. Each start has a log of its own. */
  private boolean hasLoaded() throws IOException {
    return Files.readString(log()).contains(LOADED);
  }

  @Override
  String explain(String log) {
    return log.contains("libssl.so.3") || log.contains("libcrypto.so.3")
        ? "It needs OpenSSL 3 (libssl.so.3; the package libssl3 on Debian and Ubuntu)."
        : "";
  }
}
