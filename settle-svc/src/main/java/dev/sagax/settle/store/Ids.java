package dev.sagax.settle.store;

import java.util.HexFormat;
import java.util.UUID;

/** Ids of 32 hexadecimal digits as PostgreSQL keeps them. */
final class Ids {
  private static final int HALF = 16;
  private static final int WHOLE = 32;

  private Ids() {}

  static UUID uuid(String id) {
    return new UUID(
        HexFormat.fromHexDigitsToLong(id, 0, HALF), HexFormat.fromHexDigitsToLong(id, HALF, WHOLE));
  }

  static String text(UUID id) {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(id.getMostSignificantBits())
        + hex.toHexDigits(id.getLeastSignificantBits());
  }
}
