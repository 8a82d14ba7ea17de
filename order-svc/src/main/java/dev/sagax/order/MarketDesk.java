package dev.sagax.order;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the markets take, as one batch of instructions sets it and is decided by it. */
public final class MarketDesk {
  private final Map<String, MarketStatus> statuses;
  private final Map<String, MarketStatus> changed = new LinkedHashMap<>();

  /**
   * @param statuses as they stand before the batch; a market that is missing is TRADING
   */
  public MarketDesk(Map<String, MarketStatus> statuses) {
    this.statuses = new HashMap<>(statuses);
  }

  /**
   * Sets what a market takes from here on.
   *
   * @return false if it said so already: then it still does since when and by whom it did
   */
  public boolean set(MarketStatus status) {
    MarketStatus before =
        statuses.getOrDefault(status.market(), MarketStatus.neverSet(status.market()));
    if (!status.changes(before)) {
      return false;
    }
    statuses.put(status.market(), status);
    changed.put(status.market(), status);
    return true;
  }

  /** Why an order that comes here is rejected by the state of its market. */
  public Optional<OrderReason> rejects(Instruction.PlaceOrder place) {
    MarketStatus status = statuses.get(place.market());
    return status == null
        ? Optional.empty()
        : status.state().refuses(place.type()).map(MarketState.No::rejected);
  }

  /** What the batch set, one a market. */
  public Collection<MarketStatus> changes() {
    return List.copyOf(changed.values());
  }

  /** How all markets stand now. */
  public Map<String, MarketStatus> statuses() {
    return statuses;
  }
}
