package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TokensTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final KeyPair KEY = newKey();
  private static final Tokens TOKENS = new Tokens(KEY, InstantSource.fixed(NOW));
  private static final Map<String, Object> HEADER = Map.of("alg", "RS256", "typ", "JWT");

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
  void unknownScopesCountForNothing() {
    Caller caller = TOKENS.verify(TOKENS.sign(HEADER, claims("scope", "read fly READ  trader")));

    assertThat(caller.scopes()).containsExactly(Scope.READ);
  }

  @Test
  void audienceMayBeAList() {
    Caller caller = TOKENS.verify(TOKENS.sign(HEADER, claims("aud", List.of("other", "sagax"))));

    assertThat(caller.account()).isEqualTo("alice");
  }

  static Stream<Arguments> badTokens() throws Exception {
    long now = NOW.getEpochSecond();
    String good = TOKENS.sign(HEADER, claims("sub", "alice"));
    String[] parts = good.split("\\.");
    Tokens stranger = new Tokens(newKey(), InstantSource.fixed(NOW));
    return Stream.of(
        Arguments.of("empty", "", Reason.TOKEN_INVALID),
        Arguments.of("garbage", "garbage", Reason.TOKEN_INVALID),
        Arguments.of("dots", "..", Reason.TOKEN_INVALID),
        Arguments.of("not base64", "a.b.c!", Reason.TOKEN_INVALID),
        Arguments.of("long", "x".repeat(100_000), Reason.TOKEN_INVALID),
        Arguments.of("no signature", parts[0] + "." + parts[1] + ".", Reason.TOKEN_INVALID),
        Arguments.of("cut signature", good.substring(0, good.length() - 4), Reason.TOKEN_INVALID),
        Arguments.of("four parts", good + "." + parts[2], Reason.TOKEN_INVALID),
        Arguments.of(
            "other claims",
            parts[0] + "." + encode("{\"sub\":\"bob\"}") + "." + parts[2],
            Reason.TOKEN_INVALID),
        Arguments.of("alg none", none(parts[1]), Reason.TOKEN_INVALID),
        Arguments.of("alg HS256 with the public key", hmac(parts[1]), Reason.TOKEN_INVALID),
        Arguments.of(
            "alg RS512",
            TOKENS.sign(Map.of("alg", "RS512"), claims("sub", "alice")),
            Reason.TOKEN_INVALID),
        Arguments.of(
            "critical extension",
            TOKENS.sign(Map.of("alg", "RS256", "crit", List.of("b64")), claims("sub", "alice")),
            Reason.TOKEN_INVALID),
        Arguments.of(
            "wrong key", stranger.sign(HEADER, claims("sub", "alice")), Reason.TOKEN_INVALID),
        signed("wrong issuer", "iss", "other", Reason.TOKEN_INVALID),
        signed("wrong audience", "aud", "other", Reason.TOKEN_INVALID),
        signed("wrong audiences", "aud", List.of("a", "b"), Reason.TOKEN_INVALID),
        signed("no account", "sub", "", Reason.TOKEN_INVALID),
        signed("account that is a number", "sub", 7, Reason.TOKEN_INVALID),
        signed("account of odd characters", "sub", "al ice", Reason.TOKEN_INVALID),
        signed("expiry that is no number", "exp", "tomorrow", Reason.TOKEN_INVALID),
        signed("start that is no number", "nbf", "today", Reason.TOKEN_INVALID),
        signed("expired", "exp", now, Reason.TOKEN_EXPIRED),
        signed("not valid yet", "nbf", now + 1, Reason.TOKEN_EXPIRED));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badTokens")
  void badTokenIsRefused(String name, String token, Reason reason) {
    RefusedException refused =
        catchThrowableOfType(RefusedException.class, () -> TOKENS.verify(token));

    assertThat(refused).isNotNull();
    assertThat(refused.refusal().reason()).isEqualTo(reason);
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

  private static Map<String, Object> claims(String name, Object value) {
    Map<String, Object> claims = new HashMap<>();
    claims.put("iss", "sagax");
    claims.put("aud", "sagax");
    claims.put("sub", "alice");
    claims.put("exp", NOW.getEpochSecond() + 60);
    claims.put(name, value);
    return claims;
  }

  private static Arguments signed(String what, String claim, Object value, Reason reason) {
    return Arguments.of(what, TOKENS.sign(HEADER, claims(claim, value)), reason);
  }

  private static String none(String claims) {
    return encode("{\"alg\":\"none\"}") + "." + claims + "." + encode("x");
  }

  private static String hmac(String claims) throws Exception {
    String signed = encode("{\"alg\":\"HS256\"}") + "." + claims;
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY.getPublic().getEncoded(), "HmacSHA256"));
    byte[] signature = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
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
