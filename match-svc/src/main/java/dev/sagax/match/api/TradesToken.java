package dev.sagax.match.api;

import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.PageToken;
import java.util.List;

/** The page token of ListTrades: where the next page begins, good only for its market. */
final class TradesToken {
  private TradesToken() {}

  /** A token for the trades before an id. */
  static String of(String market, long beforeId) {
    return PageToken.of(list(market), Long.toString(beforeId));
  }

  /**
   * The id before which the page begins.
   *
   * @param token empty for the newest page
   * @throws RefusedException INVALID_PAGE_TOKEN unless {@link #of} made the token for this market
   */
  static long beforeId(String market, String token) {
    return PageToken.read(list(market), token, TradesToken::tradeId).orElse(Long.MAX_VALUE);
  }

  private static List<String> list(String market) {
    return List.of("ListTrades", market);
  }

  private static long tradeId(String place) {
    long id = Long.parseLong(place);
    if (id <= 0) {
      throw new IllegalArgumentException("Trades are numbered from 1 on.");
    }
    return id;
  }
}
