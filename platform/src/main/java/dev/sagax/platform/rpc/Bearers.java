package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads {@code authorization} headers. What was verified once is remembered until it expires or the
 * issuer's keys change, so that a busy caller costs one look into a map.
 */
final class Bearers {
  private static final String SCHEME = "Bearer ";
  private static final int MAX_REMEMBERED = 10_000;

  private final TokenVerifier verifier;
  private final ConcurrentMap<String, VerifiedToken> remembered = new ConcurrentHashMap<>();
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final AtomicInteger changes = new AtomicInteger();

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

  /** The keys have changed: every token is verified once more, also those that are watched. */
  void forget() {
    changes.incrementAndGet();
    remembered.clear();
    watches.forEach(watch -> watch.told.run());
  }

  TokenWatch watch(String authorization) {
    return new TokenWatch() {
      @Override
      public Runnable onNewKeys(Runnable told) {
        Watch watch = new Watch(told);
        watches.add(watch);
        return () -> watches.remove(watch);
      }

      @Override
      public Future<?> look() {
        return Future.succeededFuture(authorization).compose(Bearers.this::tokenOf);
      }
    };
  }

  /** One of several that may watch alike. */
  private static final class Watch {
    private final Runnable told;

    private Watch(Runnable told) {
      this.told = told;
    }
  }

  private Future<VerifiedToken> verify(String authorization) {
    int before = changes.get();
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw missing();
    }
    return verifier
        .verify(authorization.substring(SCHEME.length()).strip())
        .map(token -> remember(authorization, token, before));
  }

  /** What was verified with keys that have changed since is not kept. */
  private VerifiedToken remember(String authorization, VerifiedToken token, int before) {
    if (remembered.size() >= MAX_REMEMBERED) {
      remembered.clear(); // each of them is verified once more, that is all
    }
    remembered.put(authorization, token);
    if (changes.get() != before) {
      remembered.remove(authorization);
    }
    return token;
  }

  private static RefusedException missing() {
    return Refusal.of(
            Reason.TOKEN_MISSING,
            "The call has no bearer token: send the header \"authorization: Bearer TOKEN\".")
        .asException();
  }
}
