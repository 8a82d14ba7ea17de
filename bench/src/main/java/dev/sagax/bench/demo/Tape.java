package dev.sagax.bench.demo;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the audience sees, and the count of what was not as expected. */
final class Tape {
  private static final String INDENT = "    ";

  private final PrintWriter out;
  private final List<String> differences = new ArrayList<>();
  private int steps;
  private int checks;
  private int differencesBefore;

  Tape(PrintWriter out) {
    this.out = out;
  }

  /** Opens a step: who does what. */
  void step(String who, String what) {
    steps++;
    differencesBefore = differences.size();
    print("");
    print("%2d  %-9s %s", steps, who, what);
  }

  /** One line about what came of it. */
  void result(String result) {
    print("%s%s  [%s]", INDENT, result, differences.size() == differencesBefore ? "ok" : "WRONG");
    differences.stream()
        .skip(differencesBefore)
        .forEach(difference -> print("%s  %s", INDENT, difference));
  }

  /** One line about what the saga did. */
  void saga(String explanation) {
    print("%s%s", INDENT, explanation);
  }

  void heading(String heading) {
    differencesBefore = differences.size();
    print("");
    print("%s", heading);
  }

  /** A row of a table: names to the left, numbers to the right. */
  void row(String first, Object... cells) {
    StringBuilder line = new StringBuilder(INDENT + String.format(Locale.ROOT, "%-10s", first));
    for (Object cell : cells) {
      line.append(String.format(Locale.ROOT, " %16s", cell));
    }
    print("%s", line);
  }

  void line(String text) {
    print("%s%s", INDENT, text);
  }

  /** Compares texts. */
  void expect(String what, Object expected, Object actual) {
    checks++;
    if (!expected.equals(actual)) {
      differences.add("%s: expected %s, but got %s".formatted(what, expected, actual));
    }
  }

  /** Compares decimals by value; an empty text is no number. */
  void expectNumber(String what, String expected, String actual) {
    checks++;
    if (actual.isEmpty() || new BigDecimal(expected).compareTo(new BigDecimal(actual)) != 0) {
      differences.add("%s: expected %s, but got \"%s\"".formatted(what, expected, actual));
    }
  }

  boolean allAsExpected() {
    return differences.isEmpty();
  }

  void close(long millis) {
    print("");
    if (allAsExpected()) {
      print(
          "All %d figures are as computed by hand, and every asset is conserved. (%.1f s)",
          checks, millis / 1_000.0);
    } else {
      print("%d of %d figures are NOT as expected:", differences.size(), checks);
      differences.forEach(difference -> print("  %s", difference));
    }
  }

  private void print(String format, Object... args) {
    out.println(String.format(Locale.ROOT, format, args));
    out.flush();
  }
}
