package dev.sagax.platform.rpc;

import java.util.Set;

/** Who calls: the token's subject and scopes. */
public record Caller(String account, Set<Scope> scopes) {

  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }
}
