package dev.sagax.asset;

import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All transfers that the log has shown so far. */
public interface Transfers {

  /** The transfer of this id, if it is the account's. */
  Future<Optional<Transfer>> find(String account, String transferId);

  /** The account's transfers before a place in the list, newest first. */
  Future<List<Transfer>> list(String account, Filter filter, Place before, int limit);

  /**
   * The last position of a partition of the transfer log that is reflected here; -1 before the
   * first.
   */
  Future<Long> recordedTo(int partition);

  /**
   * Which transfers a list shows.
   *
   * @param kind only of this one; of all when empty
   * @param outcomes only of these
   * @param asset only of this one; of all when empty
   */
  record Filter(Optional<Kind> kind, Set<Transfer.Outcome> outcomes, String asset) {
    /** All of them. */
    public static final Filter ALL =
        new Filter(Optional.empty(), EnumSet.allOf(Transfer.Outcome.class), "");
  }

  /** Which way a transfer moves. */
  enum Kind {
    DEPOSIT,
    WITHDRAWAL
  }

  /** A place in an account's list, which runs from the newest to the oldest. */
  record Place(long createMicros, String transferId) {
    /** Before all transfers. */
    public static final Place TOP = new Place(Long.MAX_VALUE, "");

    public static Place of(Transfer transfer) {
      return new Place(transfer.createMicros(), transfer.transferId());
    }
  }
}
