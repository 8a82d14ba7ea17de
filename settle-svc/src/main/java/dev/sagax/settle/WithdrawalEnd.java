package dev.sagax.settle;

/**
 * An operator's decision on a held withdrawal.
 *
 * @param position in its partition of {@code transfer.requested}
 * @param asset of the withdrawal
 * @param amountUnits of the withdrawal
 * @param operator who decided
 * @param reason in the operator's words
 * @param timeMicros when it was asked for
 */
public record WithdrawalEnd(
    long position,
    String transferId,
    Ending ending,
    String account,
    String asset,
    long amountUnits,
    String operator,
    String reason,
    long timeMicros)
    implements TransferInstruction {

  /** How a withdrawal ends. */
  public enum Ending {
    /** The funds have left the exchange. */
    CONFIRMED(1),
    /** The funds are available again. */
    RETURNED(2);

    /** How the store writes it; never changes. */
    public final int code;

    Ending(int code) {
      this.code = code;
    }

    public static Ending ofCode(int code) {
      return values()[code - 1];
    }
  }
}
