package dev.sagax.settle;

import java.util.ArrayList;
import java.util.List;

/**
 * A deposit or withdrawal.
 *
 * @param position in its partition of {@code transfer.requested}
 * @param transferId 32 hexadecimal digits, a hash of direction, account and requestId
 * @param amountUnits above zero
 * @param timeMicros when it was asked for
 */
public record Transfer(
    long position,
    String transferId,
    Direction direction,
    String account,
    String requestId,
    String asset,
    long amountUnits,
    long timeMicros) {

  /** Which way a transfer moves. */
  public enum Direction {
    DEPOSIT(1, "deposit"),
    WITHDRAWAL(2, "withdrawal");

    /** How the store writes it; never changes. */
    public final int code;

    /** How ids spell it; never changes. */
    public final String word;

    Direction(int code, String word) {
      this.code = code;
      this.word = word;
    }

    public static Direction ofCode(int code) {
      return code == DEPOSIT.code ? DEPOSIT : WITHDRAWAL;
    }
  }

  /** The fields in which another instruction of the same id differs, as clients spell them. */
  public List<String> differencesTo(Transfer other) {
    List<String> fields = new ArrayList<>();
    if (!asset.equals(other.asset)) {
      fields.add("asset");
    }
    if (amountUnits != other.amountUnits) {
      fields.add("amount");
    }
    return List.copyOf(fields);
  }
}
