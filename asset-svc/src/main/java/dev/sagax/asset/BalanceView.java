package dev.sagax.asset;

/** What an account has of one asset, in units of the asset. */
public record BalanceView(String asset, long availableUnits, long heldUnits) {

  public static BalanceView none(String asset) {
    return new BalanceView(asset, 0, 0);
  }
}
