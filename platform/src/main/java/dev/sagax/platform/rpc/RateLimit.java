package dev.sagax.platform.rpc;

import dev.sagax.proto.auth.v1.MethodClass;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often an account may call the methods of a class: a bucket that holds some tokens, of which
 * every call takes one, and that fills up again.
 *
 * @param perSecond how many tokens come back in a second
 * @param burst how many tokens the bucket holds
 */
public record RateLimit(int perSecond, int burst) {
  private static final Pattern ONE = Pattern.compile("([a-z]+)=([0-9]{1,6})/([0-9]{1,6})");
  private static final String PREFIX = "METHOD_CLASS_";
  private static final String OFF = "off";

  /**
   * The limits by class; a class that is not named has none.
   *
   * @param text {@code CLASS=PER_SECOND/BURST}, separated by commas, or {@code off}
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static Map<MethodClass, RateLimit> parseAll(String text) {
    Map<MethodClass, RateLimit> limits = new EnumMap<>(MethodClass.class);
    if (text.equals(OFF)) {
      return limits;
    }
    for (String one : text.split(",", -1)) {
      Matcher parts = ONE.matcher(one.strip());
      if (!parts.matches()) {
        throw new IllegalArgumentException(
            "Expected CLASS=PER_SECOND/BURST, separated by commas, or off, but got \"%s\"."
                .formatted(one));
      }
      int perSecond = Integer.parseInt(parts.group(2));
      int burst = Integer.parseInt(parts.group(3));
      if (perSecond < 1 || burst < 1) {
        throw new IllegalArgumentException(
            "A limit of nothing is no limit but an outage: \"%s\".".formatted(one));
      }
      limits.put(classOf(parts.group(1)), new RateLimit(perSecond, burst));
    }
    return limits;
  }

  private static MethodClass classOf(String word) {
    for (MethodClass methodClass : MethodClass.values()) {
      boolean limited =
          methodClass != MethodClass.METHOD_CLASS_UNSPECIFIED
              && methodClass != MethodClass.METHOD_CLASS_INTERNAL
              && methodClass != MethodClass.UNRECOGNIZED;
      if (limited && wordOf(methodClass).equals(word)) {
        return methodClass;
      }
    }
    throw new IllegalArgumentException(
        "There is no class \"%s\"; there are place, cancel, read, transfer, watch, operate."
            .formatted(word));
  }

  /** "place" */
  static String wordOf(MethodClass methodClass) {
    return methodClass.name().substring(PREFIX.length()).toLowerCase(Locale.ROOT);
  }

  /** How long an empty bucket takes to fill, rounded up. */
  long secondsToFill(int missing) {
    return Math.ceilDiv(missing, perSecond);
  }
}
