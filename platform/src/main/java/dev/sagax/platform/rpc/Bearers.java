package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Reads {@code authorization} headers. What was verified once is remembered until it expires, so
 * that a busy caller costs one look into a map.
 */
final class Bearers {
  private static final String SCHEME = "Bearer ";
  private static final int MAX_REMEMBERED = 10_000;

  private final Tokens tokens;
  private final ConcurrentMap<String, Tokens.Verified> remembered = new ConcurrentHashMap<>();

  Bearers(Tokens tokens) {
    this.tokens = tokens;
  }

  /**
   * @param authorization the header's value, or null
   * @throws dev.sagax.platform.refusal.RefusedException TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED
   */
  Caller callerOf(String authorization) {
    if (authorization == null) {
      throw missing();
    }
    Tokens.Verified known = remembered.get(authorization);
    if (known != null && !tokens.isExpired(known)) {
      return known.caller();
    }
    return verify(authorization);
  }

  private Caller verify(String authorization) {
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw missing();
    }
    Tokens.Verified token = tokens.check(authorization.substring(SCHEME.length()).strip());
    if (remembered.size() >= MAX_REMEMBERED) {
      remembered.clear(); // each of them is verified once more, that is all
    }
    remembered.put(authorization, token);
    return token.caller();
  }

  private static RuntimeException missing() {
    return Refusal.of(
            Reason.TOKEN_MISSING,
            "The call has no bearer token: send the header \"authorization: Bearer TOKEN\".")
        .asException();
  }
}
