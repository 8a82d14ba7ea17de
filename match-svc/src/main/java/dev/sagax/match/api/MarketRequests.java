package dev.sagax.match.api;

import com.google.protobuf.Timestamp;
import dev.sagax.platform.money.Decimals;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;

/** Fields that several requests have, read or refused. */
final class MarketRequests {
  private static final long YEAR_1 = -62_135_596_800L;
  private static final long YEAR_10000 = 253_402_300_800L;

  private MarketRequests() {}

  static Market market(Markets markets, String name) {
    return market(markets, "market", name);
  }

  static Market market(Markets markets, String field, String name) {
    if (name.isEmpty()) {
      throw refuse(Reason.FIELD_REQUIRED, field, "Expected the name of a market, like BTC-USD.");
    }
    return markets
        .market(name)
        .orElseThrow(
            () -> refuse(Reason.UNKNOWN_MARKET, field, "There is no market of this name."));
  }

  /** How many price levels of a side are shown. */
  static int depth(int asked, int byDefault, int most) {
    if (asked < 0 || asked > most) {
      throw refuse(
          Reason.INVALID_PAGE_SIZE,
          "depth",
          "Expected 0 to %d, but got %d.".formatted(most, asked));
    }
    return asked == 0 ? byDefault : asked;
  }

  /** The step of prices that levels are aggregated to, in units. */
  static long group(Market market, String text) {
    long step = Decimals.parsePositive("group", text, market.quote().scale());
    if (step % market.tickUnits() != 0) {
      throw refuse(
          Reason.OFF_TICK,
          "group",
          "Expected a multiple of the tick %s, but got %s."
              .formatted(market.quote().format(market.tickUnits()), text));
    }
    return step;
  }

  /** A time in whole seconds since 1970, rounded down. */
  static long seconds(String field, Timestamp time) {
    boolean wellFormed =
        time.getSeconds() >= YEAR_1
            && time.getSeconds() < YEAR_10000
            && time.getNanos() >= 0
            && time.getNanos() < 1_000_000_000;
    if (!wellFormed) {
      throw refuse(Reason.INVALID_TIME, field, "Expected a time in the years 1 to 9999.");
    }
    return time.getSeconds();
  }

  static RuntimeException refuse(Reason reason, String field, String message) {
    return Refusal.ofField(reason, field, message).asException();
  }
}
