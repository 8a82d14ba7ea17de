package dev.sagax.asset;

import io.vertx.core.Future;
import java.util.List;

/** The balances of all accounts, which the ledger owns. */
public interface Balances {

  /**
   * All that an account ever had, by asset.
   *
   * @param timeoutMillis fails with DEPENDENCY_UNAVAILABLE when the ledger takes longer
   */
  Future<List<BalanceView>> of(String account, long timeoutMillis);
}
