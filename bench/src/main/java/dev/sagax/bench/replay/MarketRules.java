package dev.sagax.bench.replay;

import dev.sagax.bench.replay.Instruction.Place;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a file needs to know about a market of the exchange. */
record MarketRules(
    String name,
    String baseAsset,
    String quoteAsset,
    int quoteScale,
    BigDecimal tick,
    BigDecimal lot) {

  /**
   * Refuses a file that the markets do not fit, before anything of it is sent.
   *
   * @throws RecordingException naming the first line at fault
   */
  static void check(Path file, List<Place> places, Map<String, MarketRules> markets) {
    for (Place place : places) {
      MarketRules market = markets.get(place.market());
      if (market == null) {
        throw new RecordingException(
            "%s:%d: column market: the exchange has no market %s; it has %s. Give a markets file that has it."
                .formatted(
                    file, place.line(), place.market(), String.join(", ", markets.keySet())));
      }
      market.requireMultiple(file, place.line(), "price", place.price(), "tick", market.tick);
      market.requireMultiple(file, place.line(), "quantity", place.quantity(), "lot", market.lot);
    }
  }

  private void requireMultiple(
      Path file, int line, String column, String value, String stepName, BigDecimal step) {
    if (new BigDecimal(value).remainder(step).signum() != 0) {
      throw new RecordingException(
          "%s:%d: column %s: %s is not a whole number of the %s of %s, %s."
              .formatted(file, line, column, value, stepName, name, step.toPlainString()));
    }
  }
}
