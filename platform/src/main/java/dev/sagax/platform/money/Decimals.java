package dev.sagax.platform.money;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;

/** Decimal strings of the API to integer units and back, exactly. */
public final class Decimals {
  /** The largest scale an asset may have: 10^18 still fits a long. */
  public static final int MAX_SCALE = 18;

  private static final int MAX_LENGTH = 40;
  private static final long[] POW10 = new long[MAX_SCALE + 1];

  static {
    POW10[0] = 1;
    for (int i = 1; i <= MAX_SCALE; i++) {
      POW10[i] = POW10[i - 1] * 10;
    }
  }

  private Decimals() {}

  static long pow10(int exponent) {
    return POW10[exponent];
  }

  /**
   * Reads {@code ^(0|[1-9][0-9]*)(\.[0-9]+)?$}.
   *
   * @return the number times 10^scale
   * @throws RefusedException FIELD_REQUIRED when empty, NOT_POSITIVE for a number with a leading
   *     minus, INVALID_DECIMAL, TOO_MANY_DECIMALS or AMOUNT_OVERFLOW, naming the field
   */
  public static long parse(String field, String text, int scale) {
    if (text.isEmpty()) {
      throw refuse(Reason.FIELD_REQUIRED, field, "Expected a decimal, but the field is empty.");
    }
    int dot = checkShape(field, text);
    int decimals = dot < 0 ? 0 : text.length() - dot - 1;
    if (decimals > scale) {
      throw refuse(
          Reason.TOO_MANY_DECIMALS,
          field,
          "Expected at most %d decimal places, but %s has %d.".formatted(scale, text, decimals));
    }
    try {
      long units = 0;
      for (int i = 0; i < text.length(); i++) {
        if (i != dot) {
          units = Math.addExact(Math.multiplyExact(units, 10L), text.charAt(i) - '0');
        }
      }
      return Math.multiplyExact(units, pow10(scale - decimals));
    } catch (ArithmeticException tooLarge) {
      throw refuse(Reason.AMOUNT_OVERFLOW, field, text + " is larger than the ledger can count.");
    }
  }

  /** As {@link #parse}, and refuses zero with NOT_POSITIVE. */
  public static long parsePositive(String field, String text, int scale) {
    long units = parse(field, text, scale);
    if (units == 0) {
      throw refuse(
          Reason.NOT_POSITIVE, field, "Expected a number above zero, but got " + text + ".");
    }
    return units;
  }

  /** The index of the dot, -1 without one. */
  private static int checkShape(String field, String text) {
    if (text.length() > MAX_LENGTH) {
      throw refuse(
          Reason.INVALID_DECIMAL,
          field,
          "Expected at most %d characters, but got %d.".formatted(MAX_LENGTH, text.length()));
    }
    boolean negative = text.charAt(0) == '-';
    int dot = -1;
    int start = negative ? 1 : 0;
    boolean wellFormed = text.length() > start;
    for (int i = start; i < text.length() && wellFormed; i++) {
      char c = text.charAt(i);
      if (c == '.') {
        wellFormed = dot < 0 && i > start && i < text.length() - 1;
        dot = i;
      } else {
        wellFormed = c >= '0' && c <= '9';
      }
    }
    int wholeDigits = (dot < 0 ? text.length() : dot) - start;
    wellFormed &= wholeDigits == 1 || text.charAt(Math.min(start, text.length() - 1)) != '0';
    if (!wellFormed) {
      throw refuse(
          Reason.INVALID_DECIMAL,
          field,
          "Expected a decimal like 12.5 (no sign, exponent, blanks or leading zeros), but got \""
              + printable(text)
              + "\".");
    }
    if (negative) {
      throw refuse(
          Reason.NOT_POSITIVE, field, "Expected no negative number, but got " + text + ".");
    }
    return dot;
  }

  private static String printable(String text) {
    return text.replaceAll("[^ -~]", "?");
  }

  /** The shortest decimal string of {@code units / 10^scale}. */
  public static String format(long units, int scale) {
    long whole = units / pow10(scale);
    long fraction = Math.abs(units % pow10(scale));
    if (fraction == 0) {
      return Long.toString(whole);
    }
    int decimals = scale;
    while (fraction % 10 == 0) {
      fraction /= 10;
      decimals--;
    }
    String digits = Long.toString(fraction);
    String sign = units < 0 && whole == 0 ? "-" : "";
    return sign + whole + '.' + "0".repeat(decimals - digits.length()) + digits;
  }

  private static RefusedException refuse(Reason reason, String field, String message) {
    return Refusal.ofField(reason, field, message).asException();
  }
}
