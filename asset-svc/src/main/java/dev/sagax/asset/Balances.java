package dev.sagax.asset;

import io.vertx.core.Future;
import java.util.List;

/** The balances of all accounts, which the ledger owns. */
public interface Balances {

  /**
   * All that an account ever had, by asset.
   *
   * @param timeoutMillis fails as a fault, which the edge answers with DEPENDENCY_UNAVAILABLE, when
   *     the ledger takes longer or is away
   */
  Future<List<BalanceView>> of(String account, long timeoutMillis);
}
