package dev.sagax.match;

import java.util.List;
import java.util.Set;

/**
 * An outcome that the ledger refused, to be undone. Nothing of it is applied.
 *
 * @param position of the instruction in {@code order.requested}
 * @param timeMicros its time
 * @param releases what the outcome ended without a fill
 * @param ordersAtFault ids of the orders that the ledger refused it for
 */
public record Reversal(
    long position,
    long timeMicros,
    String market,
    Party taker,
    List<Trade> trades,
    List<Release> releases,
    Set<String> ordersAtFault) {

  /** Whether an order is cancelled with all that rests of it; of others the rest stays. */
  boolean cancels(Party order) {
    return order.orderId().equals(taker.orderId()) || ordersAtFault.contains(order.orderId());
  }
}
