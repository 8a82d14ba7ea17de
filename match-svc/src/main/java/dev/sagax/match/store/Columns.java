package dev.sagax.match.store;

import dev.sagax.match.book.Side;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Values of the business as column values, and arrays of them for {@code unnest}. */
final class Columns {
  static final short BUY = 1;
  static final short SELL = 2;

  private static final int HALF = 16;

  private Columns() {}

  /** One column of many rows. */
  static <R, C> Object of(List<R> rows, IntFunction<C[]> array, Function<R, C> column) {
    return rows.stream().map(column).toArray(array);
  }

  static Short side(Side side) {
    return switch (side) {
      case BUY -> BUY;
      case SELL -> SELL;
    };
  }

  static Side side(short column) {
    return switch (column) {
      case BUY -> Side.BUY;
      case SELL -> Side.SELL;
      default -> throw new IllegalStateException("There is no side " + column + ".");
    };
  }

  /** An id of 32 hexadecimal digits as 128 bits. */
  static UUID uuid(String hex) {
    return new UUID(
        HexFormat.fromHexDigitsToLong(hex, 0, HALF),
        HexFormat.fromHexDigitsToLong(hex, HALF, 2 * HALF));
  }

  static String hex(UUID uuid) {
    HexFormat format = HexFormat.of();
    return format.toHexDigits(uuid.getMostSignificantBits())
        + format.toHexDigits(uuid.getLeastSignificantBits());
  }
}
