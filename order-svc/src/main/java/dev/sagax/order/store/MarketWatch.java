package dev.sagax.order.store;

import dev.sagax.order.Instruction;
import dev.sagax.order.MarketStatus;
import dev.sagax.order.MarketStatuses;
import dev.sagax.order.Trading;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.core.Vertx;
import java.util.Map;

/**
 * Looks every second what the markets take, so that most orders that would be rejected are refused
 * before they are recorded. Only a courtesy: it may be a second late, and the step decides.
 */
public final class MarketWatch implements Trading {
  private static final long PAUSE_MILLIS = 1_000;

  private final Vertx vertx;
  private final MarketStatuses stored;
  private volatile Map<String, MarketStatus> statuses = Map.of();

  public MarketWatch(Vertx vertx, MarketStatuses stored) {
    this.vertx = vertx;
    this.stored = stored;
  }

  /** Looks now, and every second from then on; what it saw last stands while it cannot. */
  public void start() {
    stored
        .all()
        .onSuccess(all -> statuses = all)
        .onComplete(v -> vertx.setTimer(PAUSE_MILLIS, t -> start()));
  }

  @Override
  public void admit(Instruction.PlaceOrder order) {
    MarketStatus status = statuses.get(order.market());
    if (status != null) {
      status
          .state()
          .refuses(order.type())
          .ifPresent(no -> {
            throw Refusal.ofField(
                    no.refused(), "market", "%s %s.".formatted(order.market(), no.words()))
                .asException();
          });
    }
  }
}
