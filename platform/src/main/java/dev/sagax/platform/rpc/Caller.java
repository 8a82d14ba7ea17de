package dev.sagax.platform.rpc;

import java.util.Set;

/** Who calls: the token's subject and scopes. */
public record Caller(String account, Set<Scope> scopes) {
  static final Caller ANYONE = new Caller("", Set.of());

  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }

  boolean mayAnyOf(Set<Scope> wanted) {
    for (Scope scope : wanted) {
      if (may(scope)) {
        return true;
      }
    }
    return false;
  }
}
