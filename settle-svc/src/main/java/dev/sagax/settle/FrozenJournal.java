package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;

/** The journal while a ledger is rebuilt from it. */
public interface FrozenJournal {

  /**
   * Keeps every other rebuild out until {@link #close}.
   *
   * @return fails with {@link LedgerRefusedException} if another one is under way
   */
  Future<Void> claim();

  /** The journal beside what the audit has kept of it; to be read only. */
  AuditJournal audited();

  /** Rows outside of what is journaled, as sentences. */
  Future<List<String>> misplaced();

  /** Fails if the claim is gone, and with it the right to touch the ledger. */
  Future<Void> confirmClaim();

  /**
   * Begins a new epoch, whose state is REPLAYING, and makes every commit fail that somebody decided
   * under an older one. When it succeeds, nothing of the old ledger can be journaled any more.
   *
   * @param sinceMicros the time, microseconds since 1970
   * @param forgetAudit at once, what the audit has kept of the journal is believed no more, since a
   *     person says that the journal is right: the audit begins anew
   * @return the new epoch
   */
  Future<Long> freeze(String reason, long sinceMicros, boolean forgetAudit);

  /**
   * Reads the whole ledger as the journal says it is, in one snapshot, page after page.
   *
   * @param reader gets a page; the next one is read when it is done
   */
  Future<Void> pages(Function<List<LedgerPiece>, Future<Void>> reader);

  /** The whole journal folded, in one snapshot. */
  Future<JournalImage> image();

  Future<Void> close();
}
