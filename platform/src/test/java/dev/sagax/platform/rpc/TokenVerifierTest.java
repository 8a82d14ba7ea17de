package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens of the exchange's own key and of another issuer with two keys. */
class TokenVerifierTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final long SKEW = TokenVerifier.CLOCK_SKEW_SECONDS;
  private static final String ISSUER = "https://login.example.com/";
  private static final PublicJsonWebKey RSA = Keys.rsa("rsa-1");
  private static final PublicJsonWebKey ED = Keys.ed25519("ed-1");
  private static final PublicJsonWebKey STRANGER = Keys.rsa("rsa-1");
  private static final PublicJsonWebKey OWN_KEY = Keys.rsa("own");
  private static final Tokens OWN =
      new Tokens(
          new KeyPair(OWN_KEY.getPublicKey(), OWN_KEY.getPrivateKey()), InstantSource.fixed(NOW));
  private static final TokenVerifier BOTH = new TokenVerifier(OWN, Optional.of(issuer()));

  private static TrustedIssuer issuer() {
    Jwks keys =
        new Jwks(
            "here",
            () -> Future.succeededFuture(Buffer.buffer(Keys.set(RSA, ED))),
            () -> 0,
            () -> {});
    return new TrustedIssuer(
        ISSUER, "sagax-api", EnumSet.complementOf(EnumSet.of(Scope.SERVICE)), keys);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "EdDSA"})
  void tokenOfTheTrustedIssuerNamesItsCaller(String algorithm) {
    PublicJsonWebKey key = algorithm.equals("RS256") ? RSA : ED;

    Caller caller = callerOf(Keys.sign(key, algorithm, claims("scope", "read trade fly READ")));

    assertThat(caller).isEqualTo(new Caller("alice", Set.of(Scope.READ, Scope.TRADE)));
  }

  @Test
  void onlyTheExchangeMakesServices() {
    Caller foreign = callerOf(Keys.sign(RSA, "RS256", claims("scope", "service operator")));
    Caller own = callerOf(OWN.issue("order-svc", Set.of(Scope.SERVICE), Duration.ofDays(1)));

    assertThat(foreign.scopes()).containsExactly(Scope.OPERATOR);
    assertThat(own.scopes()).containsExactly(Scope.SERVICE);
  }

  @Test
  void audienceMayBeAList() {
    Caller caller = callerOf(Keys.sign(RSA, "RS256", claims("aud", List.of("other", "sagax-api"))));

    assertThat(caller.account()).isEqualTo("alice");
  }

  @Test
  void tokenThatNamesNoKeyIsCheckedWithTheOnlyOneThatCouldHaveSignedIt() {
    String token = Keys.sign(RSA.getPrivateKey(), Map.of("alg", "RS256"), claims("sub", "bob"));

    assertThat(callerOf(token).account()).isEqualTo("bob");
  }

  @Test
  void clocksMayDifferByHalfAMinute() {
    long now = NOW.getEpochSecond();

    VerifiedToken late = BOTH.verify(signed("exp", now - SKEW + 1)).result();
    VerifiedToken early = BOTH.verify(signed("nbf", now + SKEW)).result();

    assertThat(BOTH.millisLeft(late)).isEqualTo(1_000);
    assertThat(BOTH.isGood(early)).isTrue();
  }

  @Test
  void expiryInTheFarFutureIsNoOverflow() {
    VerifiedToken token = BOTH.verify(signed("exp", Long.MAX_VALUE)).result();

    assertThat(BOTH.isGood(token)).isTrue();
  }

  static Stream<Arguments> badTokens() {
    long now = NOW.getEpochSecond();
    String good = Keys.sign(RSA, "RS256", claims("sub", "alice"));
    String[] parts = good.split("\\.");
    return Stream.of(
        bad("empty", "", "shape"),
        bad("garbage", "garbage", "shape"),
        bad("dots", "..", "shape"),
        bad("not base64", "a.b.c!", "shape"),
        bad("long", "x".repeat(100_000), "shape"),
        bad("four parts", good + "." + parts[2], "shape"),
        bad("encrypted", parts[0] + "." + good + "." + parts[1], "shape"),
        bad("header that is no object", encode("7") + "." + parts[1] + "." + parts[2], "shape"),
        bad("header with two algorithms", twice(parts), "shape"),
        bad("no signature", parts[0] + "." + parts[1] + ".", "signature"),
        bad("cut signature", good.substring(0, good.length() - 4), "signature"),
        bad(
            "other claims",
            parts[0] + "." + encode("{\"sub\":\"bob\"}") + "." + parts[2],
            "signature"),
        bad("wrong key", Keys.sign(STRANGER, "RS256", claims("sub", "alice")), "signature"),
        bad("no algorithm", encode("{\"kid\":\"rsa-1\"}") + "." + parts[1] + ".x", "algorithm"),
        bad("alg none", encode("{\"alg\":\"none\"}") + "." + parts[1] + ".", "algorithm"),
        bad("alg None", encode("{\"alg\":\"None\"}") + "." + parts[1] + ".x", "algorithm"),
        bad(
            "HMAC with the public key",
            Keys.hmacWithPublicKey(RSA, claims("sub", "alice")),
            "algorithm"),
        bad("alg RS512", Keys.sign(RSA, "RS512", claims("sub", "alice")), "algorithm"),
        bad("critical extension", critical(), "signature"),
        bad("claims that are no JSON", noJson(), "claims"),
        bad("scope that is a list", signed("scope", List.of("trade")), "claims"),
        bad("no issuer", signed("iss", null), "issuer"),
        bad("wrong issuer", signed("iss", "other"), "issuer"),
        bad("issuer of the exchange, key of another", signed("iss", "sagax"), "issuer"),
        bad("no audience", signed("aud", null), "audience"),
        bad("wrong audience", signed("aud", "other"), "audience"),
        bad("wrong audiences", signed("aud", List.of("a", "b")), "audience"),
        bad("no subject", signed("sub", null), "subject"),
        bad("empty subject", signed("sub", ""), "subject"),
        bad("account of odd characters", signed("sub", "al ice"), "subject"),
        bad("long account", signed("sub", "x".repeat(65)), "subject"),
        bad("account that is a number", signed("sub", 7), "claims"),
        bad("no expiry", signed("exp", null), "expiry"),
        bad("expiry that is no number", signed("exp", "tomorrow"), "claims"),
        bad("start that is no number", signed("nbf", "today"), "claims"),
        Arguments.of("expired", signed("exp", now - SKEW), Reason.TOKEN_EXPIRED, ""),
        Arguments.of(
            "not valid yet", signed("nbf", now + SKEW + 1), Reason.TOKEN_NOT_YET_VALID, ""),
        Arguments.of(
            "key that nobody has",
            Keys.sign(Keys.rsa("rsa-9"), "RS256", claims("sub", "alice")),
            Reason.TOKEN_KEY_UNKNOWN,
            ""),
        Arguments.of(
            "key of another kind",
            Keys.sign(
                ED.getPrivateKey(), Map.of("alg", "EdDSA", "kid", "rsa-1"), claims("sub", "alice")),
            Reason.TOKEN_KEY_UNKNOWN,
            ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badTokens")
  void badTokenIsRefused(String name, String token, Reason reason, String rule) {
    RefusedException refused = refusalOf(BOTH, token);

    assertThat(refused.refusal().reason()).isEqualTo(reason);
    assertThat(refused.refusal().metadata().getOrDefault("rule", "")).isEqualTo(rule);
  }

  @Test
  void withoutAnotherIssuerNobodyElseIsBelieved() {
    var alone = new TokenVerifier(OWN, Optional.empty());

    assertThat(refusalOf(alone, signed("iss", "sagax")).refusal().reason())
        .isEqualTo(Reason.TOKEN_KEY_UNKNOWN);
  }

  private static Caller callerOf(String token) {
    return BOTH.verify(token).result().caller();
  }

  private static RefusedException refusalOf(TokenVerifier verifier, String token) {
    RefusedException refused =
        catchThrowableOfType(
            RefusedException.class,
            () -> {
              Future<VerifiedToken> answer = verifier.verify(token);
              if (answer.failed()) {
                throw answer.cause();
              }
            });
    assertThat(refused).as("the refusal of " + token).isNotNull();
    return refused;
  }

  private static Arguments bad(String name, String token, String rule) {
    return Arguments.of(name, token, Reason.TOKEN_INVALID, rule);
  }

  private static String signed(String claim, Object value) {
    return Keys.sign(RSA, "RS256", claims(claim, value));
  }

  private static String critical() {
    Map<String, Object> header =
        Map.of("alg", "RS256", "kid", "rsa-1", "crit", List.of("exp"), "exp", 1);
    return Keys.sign(RSA.getPrivateKey(), header, claims("sub", "alice"));
  }

  private static String twice(String[] parts) {
    return encode("{\"alg\":\"RS256\",\"alg\":\"none\"}") + "." + parts[1] + "." + parts[2];
  }

  private static String noJson() {
    return Keys.signText(RSA, "RS256", "hello");
  }

  private static Map<String, Object> claims(String name, Object value) {
    Map<String, Object> claims = new HashMap<>();
    claims.put("iss", ISSUER);
    claims.put("aud", "sagax-api");
    claims.put("sub", "alice");
    claims.put("exp", NOW.getEpochSecond() + 60);
    claims.put(name, value);
    if (value == null) {
      claims.remove(name);
    }
    return claims;
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Keys.utf8(text));
  }
}
