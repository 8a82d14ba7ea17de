package dev.sagax.asset.api;

import dev.sagax.asset.Transfers.Place;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A place in one account's list as an opaque text. It is of no use to another account. */
final class PageToken {
  private static final String METHOD = "ListTransfers";
  private static final int MAX_LENGTH = 512;

  private PageToken() {}

  static String encode(String account, Place place) {
    String text = String.join("\n", METHOD, "" + place.createMicros(), place.transferId(), account);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The place of a token, the top of the list for none; refused with INVALID_PAGE_TOKEN. */
  static Place decode(String account, String token) {
    if (token.isEmpty()) {
      return Place.TOP;
    }
    try {
      if (token.length() <= MAX_LENGTH) {
        String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        String[] parts = text.split("\n", 4);
        if (parts.length == 4
            && parts[0].equals(METHOD)
            && DeterministicId.isWellFormed(parts[2])
            && parts[3].equals(account)) {
          return new Place(Long.parseLong(parts[1]), parts[2]);
        }
      }
    } catch (IllegalArgumentException notOurs) {
      // Refused below like every other text that this method did not make.
    }
    throw Refusal.ofField(
            Reason.INVALID_PAGE_TOKEN,
            "page_token",
            "The page token was not made by ListTransfers for this account.")
        .asException();
  }
}
