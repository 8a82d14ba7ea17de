package dev.sagax.order;

import io.vertx.core.Future;
import java.util.Map;

/** What the markets take, as last committed. */
public interface MarketStatuses {

  /** By market; one whose state was never set is missing. */
  Future<Map<String, MarketStatus>> all();
}
