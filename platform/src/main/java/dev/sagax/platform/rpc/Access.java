package dev.sagax.platform.rpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Whose tokens open an edge: the exchange's own, and those of an issuer that it trusts. */
public final class Access {
  /** Nobody else makes services of this exchange. */
  private static final Set<Scope> OTHERS_GRANT = EnumSet.complementOf(EnumSet.of(Scope.SERVICE));

  private final Bearers bearers;
  private final TokenVerifier verifier;

  private Access(TokenVerifier verifier) {
    this.verifier = verifier;
    this.bearers = new Bearers(verifier);
  }

  /** Believes the exchange's own tokens alone. */
  public static Access ofOwn(Tokens own) {
    return new Access(new TokenVerifier(own, Optional.empty()));
  }

  /**
   * Believes tokens of another issuer too, whatever scopes they name but {@code service}. Reads its
   * keys; until that is done once, its tokens are UNAVAILABLE.
   *
   * @param place the JSON Web Key Set: a file, or a URL that begins with http:// or https://
   */
  public static Future<Access> with(
      Vertx vertx, Tokens own, String place, String issuer, String audience) {
    return with(vertx, own, place, issuer, audience, Jwks.AGE_MILLIS);
  }

  /**
   * @param ageMillis after which the keys are read again
   */
  static Future<Access> with(
      Vertx vertx, Tokens own, String place, String issuer, String audience, long ageMillis) {
    Access[] access = new Access[1];
    Jwks keys = Jwks.at(vertx, place, () -> access[0].bearers.forget());
    access[0] =
        new Access(
            new TokenVerifier(
                own, Optional.of(new TrustedIssuer(issuer, audience, OTHERS_GRANT, keys))));
    return keys.keepFresh(vertx, ageMillis).map(access[0]);
  }

  Gate gate(RateLimits limits) {
    return new Gate(verifier, bearers, limits);
  }
}
