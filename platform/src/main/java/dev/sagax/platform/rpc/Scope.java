package dev.sagax.platform.rpc;

/** What a token allows. */
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

  /** As in a token's {@code scope} claim. */
  public String claim() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
