package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final KeyPair KEY = newKey();
  private static final Tokens TOKENS = new Tokens(KEY, InstantSource.fixed(NOW));

  @TempDir Path folder;

  @Test
  void issuedTokenNamesItsCaller() {
    String token = TOKENS.issue("alice:1", Set.of(Scope.TRADE, Scope.READ), Duration.ofMinutes(1));

    Caller caller = TOKENS.verify(token);

    assertThat(caller).isEqualTo(new Caller("alice:1", Set.of(Scope.READ, Scope.TRADE)));
  }

  @Test
  void accountOfATokenHasTheShapeOfAnAccount() {
    for (String account : List.of("", "a b", "ä", "a\n", "x".repeat(65))) {
      assertThatThrownBy(() -> TOKENS.issue(account, Set.of(), Duration.ofMinutes(1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void keyFileIsMadeOnceAndOnlyItsOwnerReadsIt() throws Exception {
    Path file = folder.resolve("deep/key.pem");

    String token = Tokens.ofKeyFile(file).issue("alice", Set.of(), Duration.ofMinutes(1));
    Caller caller = Tokens.ofKeyFile(file).verify(token);

    assertThat(caller.account()).isEqualTo("alice");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void thoseWhoStartAtOnceEndWithTheSameKey() throws Exception {
    Path file = folder.resolve("key.pem");
    int starters = 6;
    var together = new CountDownLatch(starters);
    List<Future<KeyPair>> keys = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(starters)) {
      for (int i = 0; i < starters; i++) {
        keys.add(
            threads.submit(() -> {
              together.countDown();
              together.await();
              return KeyFile.loadOrCreate(file);
            }));
      }
    }

    for (var key : keys) {
      assertThat(key.get().getPublic()).isEqualTo(keys.get(0).get().getPublic());
    }
  }

  @Test
  void fileWithoutAKeyIsAnError() throws Exception {
    Path file = Files.writeString(folder.resolve("key.pem"), "hello");

    assertThatThrownBy(() -> Tokens.ofKeyFile(file)).hasMessageContaining("key.pem");
  }

  @Test
  void weakKeyIsAnError() throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    String body =
        Base64.getMimeEncoder()
            .encodeToString(generator.generateKeyPair().getPrivate().getEncoded());
    Path file =
        Files.writeString(
            folder.resolve("key.pem"),
            "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");

    assertThatThrownBy(() -> Tokens.ofKeyFile(file)).hasMessageContaining("1024 bits");
  }

  private static KeyPair newKey() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
