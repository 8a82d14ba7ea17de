package dev.sagax.settle;

import java.util.List;
import java.util.OptionalLong;

/** How the ledger decided one record. Once decided, a record is never decided again. */
public sealed interface Verdict {

  /** Decisions on a hold. */
  sealed interface OfHold extends Verdict
      permits Held, InsufficientFunds, Declined, AccountFrozen {}

  /** Decisions on an outcome. */
  sealed interface OfSettlement extends Verdict permits Settled, Refused {}

  /** Decisions on a transfer. */
  sealed interface OfTransfer extends Verdict
      permits Transferred,
          InsufficientFunds,
          SupplyLimit,
          AccountFrozen,
          NothingHeld,
          ExternalIdUsed {}

  /** The funds are held. */
  record Held() implements OfHold {}

  /** The available balance does not cover it; nothing changed. */
  record InsufficientFunds() implements OfHold, OfTransfer {}

  /** Whoever asked did not want it held; nothing changed. */
  record Declined() implements OfHold {}

  /** Nothing new is held for the account; nothing changed. */
  record AccountFrozen() implements OfHold, OfTransfer {}

  /** It is done: the balance has changed, or the account is frozen or no more. */
  record Transferred() implements OfTransfer {}

  /** The asset's supply would exceed 2^62 units; nothing changed. */
  record SupplyLimit() implements OfTransfer {}

  /** What is held for the withdrawal that was to end is nothing, or not that; nothing changed. */
  record NothingHeld() implements OfTransfer {}

  /** The deposit's external id belongs to another one; the ledger was not asked. */
  record ExternalIdUsed() implements OfTransfer {}

  /**
   * The outcome is applied.
   *
   * @param remainders for each leg the units released because its hold ended; empty while it goes
   *     on, or if an outcome that only releases found no hold
   */
  record Settled(List<OptionalLong> remainders) implements OfSettlement {}

  /** Nothing of the outcome is applied, because of these orders. */
  record Refused(List<OrderAtFault> orders) implements OfSettlement {}

  /** An order whose hold does not cover its part of an outcome. */
  record OrderAtFault(String orderId, Fault fault) {}

  /** What is wrong with a hold. */
  enum Fault {
    MISSING("it has no open hold"),
    HELD_TOO_LITTLE("less is held for it than it is to pay"),
    LEFT_TOO_LITTLE("less is left of it than is to be filled or released");

    /** Completes the sentence "Order 7: ...". */
    public final String words;

    Fault(String words) {
      this.words = words;
    }
  }
}
