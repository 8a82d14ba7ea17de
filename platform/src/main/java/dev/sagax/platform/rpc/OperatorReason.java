package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;

/** Why an operator did something, in his own words. */
public final class OperatorReason {
  /** The most characters it may have. */
  public static final int MAX_LENGTH = 500;

  private OperatorReason() {}

  /** The same text; refused as INVALID_TEXT if it is too long or not one line of text. */
  public static String of(String field, String text) {
    if (!isSound(text)) {
      throw Refusal.ofField(
              Reason.INVALID_TEXT,
              field,
              "Expected at most %d characters in one line, and no control character."
                  .formatted(MAX_LENGTH))
          .asException();
    }
    return text;
  }

  public static boolean isSound(String text) {
    return text.length() <= MAX_LENGTH && text.chars().noneMatch(OperatorReason::breaksTheLine);
  }

  /** U+2028 and U+2029 separate lines without being control characters. */
  private static boolean breaksTheLine(int character) {
    int type = Character.getType(character);
    return Character.isISOControl(character)
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }
}
