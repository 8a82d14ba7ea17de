package dev.sagax.bench.client;

import dev.sagax.platform.rpc.Scope;
import java.util.Set;

/** Where bearer tokens come from. */
@FunctionalInterface
public interface TokenSource {

  /**
   * A token for an account. An operator's token may be another account's, since all that counts is
   * its scope.
   *
   * @throws IllegalArgumentException with a sentence for the user if there is none
   */
  String token(String account, Set<Scope> scopes);
}
