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
 * @param externalId what a deposit is called outside of the exchange; empty for none
 */
public record Transfer(
    long position,
    String transferId,
    Direction direction,
    String account,
    String requestId,
    String asset,
    long amountUnits,
    long timeMicros,
    String externalId)
    implements TransferInstruction {

  /** Which way a transfer moves. */
  public enum Direction {
    DEPOSIT(1, "deposit"),
    /** Leaves at once; only of old records. */
    WITHDRAWAL(2, "withdrawal"),
    /** Is held until an operator confirms or returns it. */
    HELD_WITHDRAWAL(3, "withdrawal");

    /** How the store writes it; never changes. */
    public final int code;

    /** How ids spell it; never changes. */
    public final String word;

    Direction(int code, String word) {
      this.code = code;
      this.word = word;
    }

    public static Direction ofCode(int code) {
      return switch (code) {
        case 1 -> DEPOSIT;
        case 2 -> WITHDRAWAL;
        case 3 -> HELD_WITHDRAWAL;
        default -> throw new IllegalStateException("No transfer has the direction " + code + ".");
      };
    }
  }

  /** One without an external id. */
  public Transfer(
      long position,
      String transferId,
      Direction direction,
      String account,
      String requestId,
      String asset,
      long amountUnits,
      long timeMicros) {
    this(position, transferId, direction, account, requestId, asset, amountUnits, timeMicros, "");
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
    if (!externalId.equals(other.externalId)) {
      fields.add("external_id");
    }
    return List.copyOf(fields);
  }
}
