package dev.sagax.asset;

/**
 * Funds that are held for an order or a withdrawal.
 *
 * @param subject the order or the withdrawal
 * @param withdrawal which of them it is
 * @param timeMicros when the hold was placed
 * @param ageMicros how long ago that is
 */
public record HeldFunds(
    String subject,
    boolean withdrawal,
    String asset,
    long amountUnits,
    long timeMicros,
    long ageMicros) {

  /** A place in the list of an account's holds, which runs from the oldest to the youngest. */
  public record Place(long timeMicros, String subject) {
    /** Before all holds. */
    public static final Place TOP = new Place(Long.MIN_VALUE, "0".repeat(32));

    public static Place of(HeldFunds hold) {
      return new Place(hold.timeMicros(), hold.subject());
    }
  }
}
