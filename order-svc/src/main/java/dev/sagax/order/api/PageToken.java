package dev.sagax.order.api;

import dev.sagax.order.OrderHistory.Cursor;
import dev.sagax.order.OrderHistory.Filter;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Where a list goes on, as an opaque text that only continues the list it was made for: the time
 * and id of the last order, and a hash of the account and the filters.
 */
final class PageToken {
  private static final int ID_BYTES = 16;
  private static final int BYTES = Long.BYTES + 2 * ID_BYTES;

  private PageToken() {}

  static String of(Filter filter, Cursor cursor) {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    bytes.putLong(cursor.createMicros());
    bytes.put(HexFormat.of().parseHex(cursor.orderId()));
    bytes.put(fingerprint(filter));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /**
   * @return empty for the empty token of the first page
   * @throws RefusedException INVALID_PAGE_TOKEN if it was not made for this list
   */
  static Optional<Cursor> read(Filter filter, String token) {
    if (token.isEmpty()) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(decode(token));
    if (bytes.remaining() != BYTES) {
      throw foreign();
    }
    long createMicros = bytes.getLong();
    String orderId = hex(bytes);
    if (!hex(bytes).equals(HexFormat.of().formatHex(fingerprint(filter)))) {
      throw foreign();
    }
    return Optional.of(new Cursor(createMicros, orderId));
  }

  private static byte[] decode(String token) {
    try {
      return Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException notBase64) {
      throw foreign();
    }
  }

  private static String hex(ByteBuffer bytes) {
    byte[] id = new byte[ID_BYTES];
    bytes.get(id);
    return HexFormat.of().formatHex(id);
  }

  private static byte[] fingerprint(Filter filter) {
    String openOnly = Boolean.toString(filter.openOnly());
    String hash = DeterministicId.orderId(filter.account(), filter.market(), "page " + openOnly);
    return HexFormat.of().parseHex(hash);
  }

  private static RefusedException foreign() {
    return Refusal.ofField(
            Reason.INVALID_PAGE_TOKEN,
            "page_token",
            "The token was not made by this list for this caller and these filters.")
        .asException();
  }
}
