package dev.sagax.platform.rpc;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;

/**
 * Issues and verifies the exchange's own bearer tokens: JWTs signed with RS256 by one RSA key,
 * whose thumbprint (RFC 7638) is its {@code kid}. The account is the subject; the claim {@code
 * scope} holds scope names separated by blanks.
 */
public final class Tokens {
  static final String NAME = "sagax";
  private static final String ALGORITHM = AlgorithmIdentifiers.RSA_USING_SHA256;

  private final KeyPair key;
  private final String keyId;
  private final InstantSource clock;

  Tokens(KeyPair key, InstantSource clock) {
    this.key = key;
    this.keyId =
        new RsaJsonWebKey((RSAPublicKey) key.getPublic())
            .calculateBase64urlEncodedThumbprint("SHA-256");
    this.clock = clock;
  }

  /**
   * Tokens of the key in a PEM file, which is made if it is missing. Blocks: reads, and at times
   * writes, a file.
   *
   * @throws IOException if the file cannot be read or written or holds no RSA key of 2048 bits or
   *     more
   */
  public static Tokens ofKeyFile(Path keyFile) throws IOException {
    return new Tokens(KeyFile.loadOrCreate(keyFile), InstantSource.system());
  }

  /**
   * A signed token that is valid from now on.
   *
   * @param validFor below zero for one that has expired
   */
  public String issue(String account, Set<Scope> scopes, Duration validFor) {
    if (!TokenVerifier.isAccount(account)) {
      throw new IllegalArgumentException(
          "An account has 1 to 64 characters of [A-Za-z0-9._:-], but this one is " + account);
    }
    var names = new TreeSet<String>();
    scopes.forEach(scope -> names.add(scope.claim()));
    long now = clock.instant().getEpochSecond();
    long expiry = now + validFor.toSeconds();
    return sign(
        Map.of("alg", ALGORITHM, "typ", "JWT", "kid", keyId),
        Map.of(
            "iss",
            NAME,
            "aud",
            NAME,
            "sub",
            account,
            "scope",
            String.join(" ", names),
            "iat",
            Math.min(now, expiry),
            "exp",
            expiry));
  }

  /**
   * Who a token of this key stands for.
   *
   * @throws dev.sagax.platform.refusal.RefusedException as {@link TokenVerifier#verify}
   */
  public Caller verify(String token) {
    return new TokenVerifier(this, Optional.empty()).verify(token).result().caller();
  }

  InstantSource clock() {
    return clock;
  }

  String keyId() {
    return keyId;
  }

  /** The exchange as an issuer: it alone makes services. */
  TrustedIssuer asIssuer() {
    return new TrustedIssuer(NAME, NAME, EnumSet.allOf(Scope.class), this::find);
  }

  private Future<Optional<Key>> find(String wanted, String algorithm) {
    boolean mine = (wanted == null || wanted.equals(keyId)) && algorithm.equals(ALGORITHM);
    return Future.succeededFuture(mine ? Optional.of(key.getPublic()) : Optional.empty());
  }

  String sign(Map<String, Object> header, Map<String, Object> claims) {
    try {
      var jws = new JsonWebSignature();
      new TreeMap<>(header).forEach(jws.getHeaders()::setObjectHeaderValue);
      jws.setPayload(JsonUtil.toJson(claims));
      jws.setKey(key.getPrivate());
      return jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException("The token could not be signed.", e);
    }
  }
}
