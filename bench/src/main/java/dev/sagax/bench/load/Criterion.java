package dev.sagax.bench.load;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/**
 * One of the things that a run must be for its figures to count.
 *
 * @param unit empty for a plain number
 */
record Criterion(
    @JsonProperty("name") String name,
    @JsonProperty("measured") double measured,
    @JsonProperty("rule") Rule rule,
    @JsonProperty("limit") double limit,
    @JsonProperty("unit") String unit) {

  /** How the measured value must stand to the limit. */
  enum Rule {
    AT_LEAST,
    AT_MOST,
    BELOW
  }

  @JsonProperty("ok")
  boolean ok() {
    return switch (rule) {
      case AT_LEAST -> measured >= limit;
      case AT_MOST -> measured <= limit;
      case BELOW -> measured < limit;
    };
  }

  /** How it is, for instance {@code 20 s < 60 s}. */
  String finding() {
    String sign =
        switch (rule) {
          case AT_LEAST -> ok() ? ">=" : "<";
          case AT_MOST -> ok() ? "<=" : ">";
          case BELOW -> ok() ? "<" : ">=";
        };
    return number(measured) + " " + sign + " " + number(limit);
  }

  private String number(double value) {
    DecimalFormat format =
        new DecimalFormat("#,##0.##", DecimalFormatSymbols.getInstance(Locale.ROOT));
    return format.format(value) + (unit.isEmpty() ? "" : " " + unit);
  }
}
