package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisServerTest {
  @TempDir Path home;

  @Test
  void writesEveryCommandToDiskBeforeItsReplyAndEvictsNothing() throws IOException {
    try (RedisServer redis = new RedisServer(home, 0)) {
      redis.start();

      assertThat(ask(redis, "PING", 1)).isEqualTo("+PONG");
      assertThat(ask(redis, "CONFIG GET appendonly", 5)).endsWith("yes");
      assertThat(ask(redis, "CONFIG GET appendfsync", 5)).endsWith("always");
      assertThat(ask(redis, "CONFIG GET no-appendfsync-on-rewrite", 5)).endsWith("no");
      assertThat(ask(redis, "CONFIG GET maxmemory-policy", 5)).endsWith("noeviction");
      assertThat(ask(redis, "CONFIG GET save", 5)).endsWith("save $0 ");
    }
  }

  @Test
  void keepsDataAndPortOverStopAndKill() throws IOException {
    try (RedisServer redis = new RedisServer(home, 0)) {
      redis.start();
      int port = redis.port();
      assertThat(ask(redis, "SET stopped 1", 1)).isEqualTo("+OK");

      redis.stop();
      redis.start();
      assertThat(ask(redis, "SET killed 2", 1)).isEqualTo("+OK");
      redis.kill();
      redis.start();

      assertThat(redis.port()).isEqualTo(port);
      assertThat(ask(redis, "GET stopped", 2)).isEqualTo("$1 1");
      assertThat(ask(redis, "GET killed", 2)).isEqualTo("$1 2");
    }
  }

  @Test
  void endsTheServerItselfOnKillNotOnlyItsWatcher() {
    RedisServer redis = new RedisServer(home, 0);
    redis.start();
    long pid = redis.pid();

    redis.kill();

    assertThat(ProcessHandle.of(pid)).isEmpty();
    assertThat(redis.isRunning()).isFalse();
  }

  @Test
  void secondServerOverTheSameDirectoryWaitsForTheFirstToEnd() {
    RedisServer first = new RedisServer(home, 0);
    first.start();
    CompletableFuture<Boolean> stopped = stopOnceSomebodyWaits(first, Thread.currentThread());

    try (RedisServer second = new RedisServer(home, 0)) {
      second.start();

      assertThat(second.port()).isEqualTo(first.port());
      assertThat(!stopped.isDone() && first.isRunning()).isFalse();
    }
    assertThat(stopped.join()).as("first ran while second waited").isTrue();
  }

  /** Says whether it ran until then. */
  private static CompletableFuture<Boolean> stopOnceSomebodyWaits(RedisServer redis, Thread who) {
    return CompletableFuture.supplyAsync(() -> {
      boolean ranWhileWaitedFor =
          Waiting.until(Duration.ofSeconds(20), () -> who.getState() == Thread.State.TIMED_WAITING)
              && redis.isRunning();
      redis.stop();
      return ranWhileWaitedFor;
    });
  }

  @Test
  void takesAnotherPortIfTheRememberedOneIsLost() throws IOException {
    try (RedisServer redis = new RedisServer(home, 0)) {
      redis.start();
      int before = redis.port();
      redis.stop();

      try (ServerSocket taken = new ServerSocket()) {
        taken.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), before));
        redis.start();
      }

      assertThat(redis.port()).isNotEqualTo(before);
      assertThat(ask(redis, "PING", 1)).isEqualTo("+PONG");
    }
  }

  @Test
  void saysWhichPortIsTakenIfItMustHaveThatOne() throws IOException {
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
      RedisServer redis = new RedisServer(home, taken.getLocalPort());

      assertThatThrownBy(redis::start)
          .isInstanceOf(InfrastructureException.class)
          .hasMessageContaining("Redis cannot listen on port " + taken.getLocalPort());
    }
  }

  @Test
  void explainsAMissingOpenSsl() {
    String log = "redis-server: error while loading shared libraries: libssl.so.3: cannot open";

    assertThat(new RedisServer(home, 0).explain(log)).contains("needs OpenSSL 3");
  }

  /** Sends one inline command; the reply's lines come back on one line. */
  private static String ask(RedisServer redis, String command, int lines) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", redis.port())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      StringBuilder reply = new StringBuilder(in.readLine());
      for (int line = 1; line < lines; line++) {
        reply.append(' ').append(in.readLine());
      }
      return reply.toString();
    }
  }
}
