package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.List;

/**
 * All balances and open holds. Records are applied in the order of their positions, each once:
 * asking again for a position answers with its verdict and changes nothing.
 *
 * <p>Every method fails with {@link LedgerUnavailableException} when the ledger cannot say now, or
 * cannot be sure that a call was carried out; asking again is always safe.
 */
public interface Ledger {

  /**
   * Decides holds; one verdict each, in their order.
   *
   * @param epoch of the journaled position that the stretch goes on from; a ledger of another epoch
   *     decides nothing, and is not available
   */
  Future<List<Verdict.OfHold>> hold(long epoch, Stretch stretch, List<Hold> holds);

  /** Applies settlements, each wholly or not at all; one verdict each, in their order. */
  Future<List<Verdict.OfSettlement>> settle(Stretch stretch, List<Settlement> settlements);

  /** Applies transfers and operators' decisions; one verdict each, in their order. */
  Future<List<Verdict.OfTransfer>> transfer(
      Stretch stretch, List<? extends TransferInstruction> transfers);

  /** All that an account ever had, by asset. */
  Future<List<Balance>> balances(String account);
}
