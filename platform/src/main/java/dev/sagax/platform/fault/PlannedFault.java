package dev.sagax.platform.fault;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fault that is to be made once.
 *
 * @param passage at the how manieth passage with work under way; the first is 1
 */
public record PlannedFault(FaultPoint point, FaultAction action, int passage) {
  private static final Pattern TEXT = Pattern.compile("([^=@]+)=([^=@]+)(?:@([1-9][0-9]{0,6}))?");

  /**
   * @param text {@code POINT=ACTION[@N]}, separated by commas; empty for none
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static List<PlannedFault> parseAll(String text) {
    List<PlannedFault> faults = new ArrayList<>();
    Set<FaultPoint> named = EnumSet.noneOf(FaultPoint.class);
    for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
      PlannedFault fault = parse(part.strip());
      if (!named.add(fault.point)) {
        throw new IllegalArgumentException(fault.point + " is named twice.");
      }
      faults.add(fault);
    }
    return List.copyOf(faults);
  }

  private static PlannedFault parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "Expected POINT=ACTION or POINT=ACTION@N, but got \"%s\".".formatted(text));
    }
    int passage = parts.group(3) == null ? 1 : Integer.parseInt(parts.group(3));
    return new PlannedFault(
        FaultPoint.ofText(parts.group(1)), FaultAction.ofText(parts.group(2)), passage);
  }

  @Override
  public String toString() {
    return point + "=" + action + "@" + passage;
  }
}
