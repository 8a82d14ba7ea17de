package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import java.security.Key;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.lang.JoseException;

/**
 * Tells good tokens from bad ones: JWTs, signed with RS256 or Ed25519 by the exchange's own key or
 * by a key of the issuer that it trusts. Nothing in a token's header is believed but which of the
 * known keys to try.
 */
final class TokenVerifier {
  static final int CLOCK_SKEW_SECONDS = 30;
  private static final int MAX_LENGTH = 8192;

  /** The end of the year 9999: whatever is later is no different. */
  private static final long LAST_SECOND = 253_402_300_799L;

  private static final Pattern ACCOUNT = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final AlgorithmConstraints ALGORITHMS =
      new AlgorithmConstraints(
          ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256, AlgorithmIdentifiers.EDDSA);

  private final Tokens own;
  private final Optional<TrustedIssuer> other;
  private final InstantSource clock;

  /**
   * @param other whose tokens are believed beside the exchange's own
   */
  TokenVerifier(Tokens own, Optional<TrustedIssuer> other) {
    this.own = own;
    this.other = other;
    this.clock = own.clock();
  }

  static boolean isAccount(String name) {
    return ACCOUNT.matcher(name).matches();
  }

  boolean isGood(VerifiedToken token) {
    return clock.millis() < token.endsAtMillis();
  }

  /** How long a token is good from now on. */
  long millisLeft(VerifiedToken token) {
    return token.endsAtMillis() - clock.millis();
  }

  /**
   * What a token says. The answer may have to wait for the issuer's keys; it fails while nobody
   * knows them.
   *
   * @throws RefusedException TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_KEY_UNKNOWN, or
   *     TOKEN_INVALID for any other fault; thrown, or as the failure
   */
  Future<VerifiedToken> verify(String token) {
    JsonWebSignature jws = parse(token);
    TrustedIssuer issuer = issuerOf(jws.getKeyIdHeaderValue());
    Future<Optional<Key>> key =
        issuer.keys().find(jws.getKeyIdHeaderValue(), jws.getAlgorithmHeaderValue());
    return key.map(found -> check(jws, issuer, found.orElseThrow(TokenVerifier::keyUnknown)));
  }

  private TrustedIssuer issuerOf(String keyId) {
    return other.isEmpty() || own.keyId().equals(keyId) ? own.asIssuer() : other.get();
  }

  private static JsonWebSignature parse(String token) {
    require(token.length() <= MAX_LENGTH, "shape", "It is longer than 8192 characters.");
    require(token.chars().filter(c -> c == '.').count() == 2, "shape", "It has not three parts.");
    try {
      var jws = new JsonWebSignature();
      jws.setAlgorithmConstraints(ALGORITHMS);
      jws.setCompactSerialization(token);
      String algorithm = jws.getAlgorithmHeaderValue();
      require(algorithm != null, "algorithm", "It names no algorithm.");
      ALGORITHMS.checkConstraint(algorithm);
      return jws;
    } catch (org.jose4j.lang.InvalidAlgorithmException e) {
      throw invalid("algorithm", "Its algorithm is neither RS256 nor EdDSA.");
    } catch (JoseException | RuntimeException e) {
      if (e instanceof RefusedException refused) {
        throw refused;
      }
      throw invalid("shape", "It is no signed JWT.");
    }
  }

  private VerifiedToken check(JsonWebSignature jws, TrustedIssuer issuer, Key key) {
    require(isSigned(jws, key), "signature", "Its signature is wrong.");
    try {
      JwtClaims claims = JwtClaims.parse(jws.getPayload());
      demand(issuer, claims);
      String account = claims.getSubject();
      require(isAccount(account), "subject", "Its subject is not an account.");
      long expirySeconds = Math.min(claims.getExpirationTime().getValue(), LAST_SECOND);
      return new VerifiedToken(
          new Caller(account, scopes(claims, issuer)),
          TimeUnit.SECONDS.toMillis(expirySeconds + CLOCK_SKEW_SECONDS));
    } catch (InvalidJwtException e) {
      throw refusal(e);
    } catch (JoseException | MalformedClaimException e) {
      throw invalid("claims", "Its claims cannot be read.");
    }
  }

  private static boolean isSigned(JsonWebSignature jws, Key key) {
    try {
      jws.setKey(key);
      return jws.verifySignature();
    } catch (JoseException e) {
      return false; // a signature of another length, a critical extension, a key of another kind
    }
  }

  private void demand(TrustedIssuer issuer, JwtClaims claims) throws InvalidJwtException {
    new JwtConsumerBuilder()
        .setDisableRequireSignature()
        .setSkipSignatureVerification()
        .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
        .setAllowedClockSkewInSeconds(CLOCK_SKEW_SECONDS)
        .setRequireExpirationTime()
        .setRequireSubject()
        .setExpectedIssuer(issuer.name())
        .setExpectedAudience(issuer.audience())
        .build()
        .processContext(new JwtContext(claims, List.of()));
  }

  private static Set<Scope> scopes(JwtClaims claims, TrustedIssuer issuer)
      throws MalformedClaimException {
    var scopes = EnumSet.noneOf(Scope.class);
    String claim = claims.hasClaim("scope") ? claims.getStringClaimValue("scope") : "";
    Set<String> names = Set.copyOf(Arrays.asList(claim.split(" ")));
    for (Scope scope : issuer.grants()) {
      if (names.contains(scope.claim())) {
        scopes.add(scope);
      }
    }
    return Collections.unmodifiableSet(scopes);
  }

  /** What is wrong beside its time comes first: such a token never was good. */
  private static RefusedException refusal(InvalidJwtException e) {
    if (e.hasErrorCode(ErrorCodes.ISSUER_INVALID) || e.hasErrorCode(ErrorCodes.ISSUER_MISSING)) {
      return invalid("issuer", "Its issuer is not trusted here.");
    }
    if (e.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)
        || e.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)) {
      return invalid("audience", "It was made for another audience.");
    }
    if (e.hasErrorCode(ErrorCodes.SUBJECT_MISSING)) {
      return invalid("subject", "It has no subject.");
    }
    if (e.hasErrorCode(ErrorCodes.EXPIRATION_MISSING)) {
      return invalid("expiry", "It has no expiry time.");
    }
    if (e.hasExpired()) {
      return expired().asException();
    }
    if (e.hasErrorCode(ErrorCodes.NOT_YET_VALID)) {
      return Refusal.of(Reason.TOKEN_NOT_YET_VALID, "The bearer token is not valid yet.")
          .asException();
    }
    return invalid("claims", "Its claims cannot be read.");
  }

  static Refusal expired() {
    return Refusal.of(Reason.TOKEN_EXPIRED, "The bearer token has expired.");
  }

  private static RefusedException keyUnknown() {
    return Refusal.of(
            Reason.TOKEN_KEY_UNKNOWN,
            "The bearer token is signed with a key that its issuer does not publish.")
        .asException();
  }

  private static void require(boolean condition, String rule, String otherwise) {
    if (!condition) {
      throw invalid(rule, otherwise);
    }
  }

  private static RefusedException invalid(String rule, String why) {
    return Refusal.of(Reason.TOKEN_INVALID, "The bearer token is not valid. " + why)
        .with("rule", rule)
        .asException();
  }
}
