package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where a list goes on, as a text that only continues the list it was made for. It is no secret and
 * gives no right: whoever makes one up sees another place of a list that is his own.
 */
public final class PageToken {
  private static final int MAX_LENGTH = 1_024;
  private static final String BREAK = "\n";

  private PageToken() {}

  /**
   * @param list what makes it this list: the method, the caller, the filters; none has a line break
   * @param place after which it goes on
   */
  public static String of(List<String> list, String place) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((nameOf(list) + place).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param list as it was given to {@link #of}
   * @param placeOf reads a place, which may be any text; {@link IllegalArgumentException} if it is
   *     none
   * @return empty for the empty token of the first page
   * @throws RefusedException INVALID_PAGE_TOKEN if it was not made for this list
   */
  public static <T> Optional<T> read(List<String> list, String token, Function<String, T> placeOf) {
    if (token.isEmpty()) {
      return Optional.empty();
    }
    try {
      String place = decode(token).substring(nameOf(list).length());
      if (token.equals(of(list, place))) {
        return Optional.of(placeOf.apply(place));
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException notOurs) {
      // Refused below like every other text that no list has made.
    }
    throw Refusal.ofField(
            Reason.INVALID_PAGE_TOKEN,
            "page_token",
            "The token was not made by this list for this caller and these filters.")
        .asException();
  }

  private static String nameOf(List<String> list) {
    return String.join(BREAK, list) + BREAK;
  }

  private static String decode(String token) {
    if (token.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("No token is as long as this.");
    }
    return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
  }
}
