package dev.sagax.platform.rpc;

import io.vertx.core.Future;
import java.security.Key;
import java.util.Optional;

/** The public keys of one issuer of tokens. */
interface KeySource {

  /**
   * The key that a token says it is signed with; none if the issuer has no such key. Fails while
   * nobody knows the issuer's keys.
   *
   * @param keyId the header {@code kid}, or null
   * @param algorithm RS256 or EdDSA
   */
  Future<Optional<Key>> find(String keyId, String algorithm);
}
