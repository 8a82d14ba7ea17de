package dev.sagax.settle;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The journal folded, in one snapshot.
 *
 * @param positions last journaled positions
 * @param accounts by account and asset, folded from the entries
 * @param sums by asset and bucket, folded from the entries
 * @param openHolds every hold that has not ended
 * @param contradictions what is wrong with it by itself, in whole sentences, the first of each
 *     kind: a position whose entries do not sum to zero per asset, an order whose figures are not
 *     the sum of its legs
 * @param entries how many lines the journal has
 * @param frozen accounts for which nothing new is held; none if they were not read
 */
public record JournalImage(
    Map<FlowPartition, Long> positions,
    Map<String, Map<String, Folded>> accounts,
    Map<String, Map<Bucket, BigInteger>> sums,
    List<OpenHold> openHolds,
    List<String> contradictions,
    long entries,
    Set<String> frozen) {

  /** One in which nobody has looked for frozen accounts. */
  public JournalImage(
      Map<FlowPartition, Long> positions,
      Map<String, Map<String, Folded>> accounts,
      Map<String, Map<Bucket, BigInteger>> sums,
      List<OpenHold> openHolds,
      List<String> contradictions,
      long entries) {
    this(positions, accounts, sums, openHolds, contradictions, entries, Set.of());
  }

  /** Sums of an account's entries in one asset. */
  public record Folded(BigInteger available, BigInteger held) {
    static final Folded NOTHING = new Folded(BigInteger.ZERO, BigInteger.ZERO);

    static Folded of(Balance balance) {
      return new Folded(
          BigInteger.valueOf(balance.availableUnits()), BigInteger.valueOf(balance.heldUnits()));
    }

    public Folded plus(Folded more) {
      return new Folded(available.add(more.available), held.add(more.held));
    }
  }
}
