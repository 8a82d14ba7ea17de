package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;

/**
 * The ledger in parts, for an audit that never reads the whole. Fails with {@link
 * LedgerUnavailableException} when the ledger cannot say now, and with {@link
 * LedgerUnreadableException} when it is damaged.
 */
public interface LedgerPages {

  /** Accounts and holds at one moment, with the positions that are applied to them. */
  Future<LedgerPage> page(
      int partitions, Collection<String> accounts, Collection<LedgerPage.HoldKey> holds);

  /** Some of the accounts; all are seen once from one START to the next. */
  Future<Scanned> scanAccounts(String cursor, int count);

  /** Some of the orders that a partition has holds of. */
  Future<Scanned> scanHolds(int partition, String cursor, int count);

  /** Settings of the store that could lose balances, in whole sentences; none if all are right. */
  Future<List<String>> doubtfulSettings();

  /**
   * Where a scan has come to.
   *
   * @param cursor where it goes on
   */
  record Scanned(String cursor, List<String> names) {
    public static final String START = "0";
  }
}
