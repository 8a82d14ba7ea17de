package dev.sagax.asset;

import io.vertx.core.Future;
import java.util.List;

/**
 * What the ledger's journal knows of an account. Fails as a fault, which the edge answers with
 * DEPENDENCY_UNAVAILABLE, when the ledger takes longer than the time-out or is away.
 */
public interface AccountBooks {

  /**
   * The account's holds behind a place, the oldest first.
   *
   * @param minAgeMicros only those that are so old; of any age when 0
   */
  Future<List<HeldFunds>> holds(
      String account, long minAgeMicros, HeldFunds.Place after, int limit, long timeoutMillis);

  /** Where the account's statement stands now, with the balances of this moment. */
  Future<Statement> now(String account, long timeoutMillis);

  /** The next entries of the account's statement. */
  Future<List<AccountEntry>> entries(
      String account, Statement after, int limit, long timeoutMillis);
}
