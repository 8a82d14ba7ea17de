package dev.sagax.asset;

import java.util.List;

/**
 * What moved the balances of an account, as the ledger's journal has it.
 *
 * @param subject the order or the transfer
 * @param timeMicros when what caused it was asked for
 * @param log where in the journal it stands
 */
public record AccountEntry(
    Kind kind, String subject, long timeMicros, Log log, Place place, List<Change> changes) {

  /** What happened. */
  public enum Kind {
    HOLD,
    SETTLEMENT,
    DEPOSIT,
    WITHDRAWAL,
    WITHDRAWAL_HELD,
    WITHDRAWAL_CONFIRMED,
    WITHDRAWAL_RETURNED;

    /** Whether its subject is an order; else it is a transfer. */
    public boolean isOfOrder() {
      return this == HOLD || this == SETTLEMENT;
    }
  }

  /** One of the logs that the journal is made of. */
  public record Log(int flow, int partition) implements Comparable<Log> {
    @Override
    public int compareTo(Log other) {
      return flow == other.flow
          ? Integer.compare(partition, other.partition)
          : Integer.compare(flow, other.flow);
    }
  }

  /** A place in one log. */
  public record Place(long position, int leg) {}

  /** What it did in one asset, in units. */
  public record Change(String asset, long availableUnits, long heldUnits, long feeUnits) {}

  public AccountEntry {
    changes = List.copyOf(changes);
  }
}
