package dev.sagax.match.store;

import java.math.BigInteger;
import java.util.Optional;

/**
 * A market's last 24 hours, and how it stands now.
 *
 * @param last empty before the first trade
 * @param day empty when nothing was traded in the 24 hours
 * @param bid empty when nobody buys
 * @param ask empty when nobody sells
 */
public record TickerView(
    String market,
    Optional<Last> last,
    Optional<Day> day,
    Optional<BookView.Level> bid,
    Optional<BookView.Level> ask) {

  /** The last trade. */
  public record Last(long tradeId, long price, long quantity, long timeMicros) {}

  /** What was traded in the 24 hours. */
  public record Day(
      long open, long high, long low, BigInteger base, BigInteger quote, long trades) {}
}
