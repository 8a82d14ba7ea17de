package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The place where a ledger is rebuilt. From {@link #fence} until {@link #open} no service can write
 * to it; a second rebuild that fences it stops the first one, whose calls then fail with {@link
 * LedgerRefusedException}.
 */
public interface LedgerSite {

  /** Why this ledger must not be used with this journal, if it must not. Changes nothing. */
  Future<Optional<String>> doubt(Journal journal);

  /**
   * Who may write here now: services of an epoch, a rebuild, or nobody (an empty text).
   *
   * @return fails with {@link LedgerRefusedException} if the place could lose what is written there
   */
  Future<String> owner();

  /**
   * Shuts everybody out.
   *
   * @param owner as it was when the rebuild had its claim
   * @return fails with {@link LedgerRefusedException} if it is another one now
   */
  Future<Void> fence(String owner);

  /** Takes away all that is there. What belongs to others stays. */
  Future<Void> clear();

  Future<Void> write(List<LedgerPiece> pieces);

  /** All that is there now. */
  Future<LedgerImage> image();

  /** Makes sure that a restart finds exactly what is there now. */
  Future<Void> secure();

  /** Lets the services in that know this epoch. */
  Future<Void> open(long epoch);
}
