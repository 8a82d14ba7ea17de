package dev.sagax.platform.rpc;

import java.util.Locale;

/** What a token allows: the scopes of {@code sagax.auth.v1.Scope}, in the same words. */
public enum Scope {
  /** Look at one's own things and at markets. */
  READ,
  /** Place and cancel orders. */
  TRADE,
  /** Withdraw. */
  TRANSFER,
  /** Act for the exchange: deposits, audit, holds. */
  OPERATOR,
  /** Be a service of the exchange: the internal LedgerService. */
  SERVICE;

  private static final String PREFIX = "SCOPE_";

  /** As in a token's {@code scope} claim. */
  public String claim() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Scope of(dev.sagax.proto.auth.v1.Scope scope) {
    return valueOf(scope.name().substring(PREFIX.length()));
  }
}
