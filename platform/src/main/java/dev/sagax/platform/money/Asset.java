package dev.sagax.platform.money;

/**
 * Something that is traded or paid with. Amounts of it are whole numbers of its smallest unit.
 *
 * @param scale decimal places: one whole of the asset is 10^scale units; never changes
 */
public record Asset(String name, int scale) {

  /** Units in one whole of the asset: 10^scale. */
  public long unitsPerWhole() {
    return Decimals.pow10(scale);
  }

  /**
   * The units of a decimal string of this asset; refused with the rule it breaks, never rounded.
   */
  public long parse(String field, String text) {
    return Decimals.parse(field, text, scale);
  }

  /** The shortest decimal string of an amount. */
  public String format(long units) {
    return Decimals.format(units, scale);
  }
}
