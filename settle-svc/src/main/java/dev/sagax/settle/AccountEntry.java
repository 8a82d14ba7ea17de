package dev.sagax.settle;

import java.util.List;

/**
 * What moved the balances of an account: a row of the journal.
 *
 * @param leg numbers the rows of one position
 * @param subject the order or the transfer
 * @param timeMicros when what caused it was asked for
 */
public record AccountEntry(
    FlowPartition log,
    long position,
    int leg,
    Kind kind,
    String subject,
    long timeMicros,
    List<Change> changes) {

  /** What happened. */
  public enum Kind {
    HOLD,
    LEG,
    DEPOSIT,
    WITHDRAWAL,
    WITHDRAWAL_HELD,
    WITHDRAWAL_CONFIRMED,
    WITHDRAWAL_RETURNED
  }

  /**
   * What it did in one asset, in units.
   *
   * @param feeUnits the fee that was taken
   */
  public record Change(String asset, long availableUnits, long heldUnits, long feeUnits) {}

  public AccountEntry {
    changes = List.copyOf(changes);
  }

  Place place() {
    return new Place(position, leg);
  }

  /**
   * A place in one log.
   *
   * @param position the last position that lies before it
   * @param leg the last leg of this position that lies before it
   */
  public record Place(long position, int leg) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      return position == other.position
          ? Integer.compare(leg, other.leg)
          : Long.compare(position, other.position);
    }
  }
}
