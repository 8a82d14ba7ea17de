package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Reads {@code authorization} headers. What was verified once is remembered until it expires or the
 * issuer's keys change, so that a busy caller costs one look into a map.
 */
final class Bearers {
  private static final String SCHEME = "Bearer ";
  private static final int MAX_REMEMBERED = 10_000;

  private final TokenVerifier verifier;
  private final ConcurrentMap<String, VerifiedToken> remembered = new ConcurrentHashMap<>();

  Bearers(TokenVerifier verifier) {
    this.verifier = verifier;
  }

  /**
   * @param authorization the header's value, or null
   * @throws RefusedException TOKEN_MISSING and what {@link TokenVerifier#verify} throws; thrown, or
   *     as the failure
   */
  Future<VerifiedToken> tokenOf(String authorization) {
    if (authorization == null) {
      throw missing();
    }
    VerifiedToken known = remembered.get(authorization);
    return known != null && verifier.isGood(known)
        ? Future.succeededFuture(known)
        : verify(authorization);
  }

  /** Verifies every token once more. */
  void forget() {
    remembered.clear();
  }

  private Future<VerifiedToken> verify(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw missing();
    }
    return verifier
        .verify(authorization.substring(SCHEME.length()).strip())
        .map(token -> remember(authorization, token));
  }

  private VerifiedToken remember(String authorization, VerifiedToken token) {
    if (remembered.size() >= MAX_REMEMBERED) {
      remembered.clear(); // each of them is verified once more, that is all
    }
    remembered.put(authorization, token);
    return token;
  }

  private static RefusedException missing() {
    return Refusal.of(
            Reason.TOKEN_MISSING,
            "The call has no bearer token: send the header \"authorization: Bearer TOKEN\".")
        .asException();
  }
}
