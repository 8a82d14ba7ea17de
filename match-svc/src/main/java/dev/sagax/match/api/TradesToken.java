package dev.sagax.match.api;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The page token of ListTrades: where the next page begins, good only for its market. */
final class TradesToken {
  private static final String PREFIX = "ListTrades ";

  private TradesToken() {}

  /** A token for the trades before an id. */
  static String of(String market, long beforeId) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((PREFIX + market + ' ' + beforeId).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The id before which the page begins.
   *
   * @param token empty for the newest page
   * @throws RefusedException INVALID_PAGE_TOKEN unless {@link #of} made the token for this market
   */
  static long beforeId(String market, String token) {
    if (token.isEmpty()) {
      return Long.MAX_VALUE;
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      long id = Long.parseLong(text.substring(text.lastIndexOf(' ') + 1));
      if (id > 0 && token.equals(of(market, id))) {
        return id;
      }
    } catch (IllegalArgumentException notOurs) {
      // Answered below like every other token that we did not make.
    }
    throw Refusal.ofField(
            Reason.INVALID_PAGE_TOKEN,
            "page_token",
            "Expected a next_page_token that ListTrades returned for this market.")
        .asException();
  }
}
