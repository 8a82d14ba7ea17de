package dev.sagax.settle;

import java.math.BigInteger;
import java.util.List;

/**
 * A row of the journal as the audit folds it.
 *
 * @param leg numbers the rows of one position
 * @param subject the order or transfer
 * @param moves what it moves, by asset; none for a refusal
 * @param holds 1 if it places a hold or ends one, else 0; -1 if it ends one in a log that also
 *     places them
 * @param digest of all in the row that never changes
 */
public record JournalLine(
    long position,
    int leg,
    String account,
    String subject,
    List<Move> moves,
    int holds,
    long digest) {

  /** How many entries of the double entry it stands for. */
  int entries() {
    return moves.stream().mapToInt(Move::entries).sum();
  }

  /**
   * Units of one asset into a place, or out of it if below zero.
   *
   * @param external how much less is outside of the exchange when below zero: a deposit
   */
  public record Move(String asset, long available, long held, long fees, long external) {

    BigInteger sum() {
      return big(available).add(big(held)).add(big(fees)).add(big(external));
    }

    JournalImage.Folded ofAccount() {
      return new JournalImage.Folded(big(available), big(held));
    }

    Sums ofExchange() {
      return new Sums(big(fees), big(external));
    }

    /** What is released leaves what is held in an entry of its own. */
    private int entries() {
      int intoAvailable = one(available);
      return held == 0
          ? intoAvailable + one(fees) + one(external)
          : 2 * intoAvailable + one(available + held) + one(external);
    }

    private static int one(long units) {
      return units == 0 ? 0 : 1;
    }

    private static BigInteger big(long units) {
      return BigInteger.valueOf(units);
    }
  }
}
