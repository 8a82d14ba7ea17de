package dev.sagax.bench.replay;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A file of comma-separated values with a fixed header and without quotes. Whatever is wrong with
 * it is a {@link RecordingException} that names file, line and column.
 */
final class CsvTable {
  private static final Pattern DECIMAL = Pattern.compile("(0|[1-9][0-9]{0,17})(\\.[0-9]{1,18})?");

  private CsvTable() {}

  /** One line, by column name. */
  static final class Row {
    private final Path file;
    private final int line;
    private final List<String> columns;
    private final String[] values;

    private Row(Path file, int line, List<String> columns, String[] values) {
      this.file = file;
      this.line = line;
      this.columns = columns;
      this.values = values;
    }

    int line() {
      return line;
    }

    /** The text of a column, which may be empty. */
    String text(String column) {
      return values[columns.indexOf(column)];
    }

    /** The text of a column, which must match. */
    String matching(String column, Pattern pattern, String expected) {
      String text = text(column);
      if (!pattern.matcher(text).matches()) {
        throw wrong(column, "expected " + expected + ", but got " + quoted(text));
      }
      return text;
    }

    /** The text of a column, which must be one of a list. */
    String oneOf(String column, String... allowed) {
      String text = text(column);
      if (!List.of(allowed).contains(text)) {
        throw wrong(
            column, "expected " + String.join(" or ", allowed) + ", but got " + quoted(text));
      }
      return text;
    }

    /** A number above zero, as text: it is sent as it stands. */
    String positive(String column) {
      String text = matching(column, DECIMAL, "a decimal like 12.5");
      if (new BigDecimal(text).signum() == 0) {
        throw wrong(column, "expected a number above zero, but got " + quoted(text));
      }
      return text;
    }

    /** Refuses anything in a column. */
    void empty(String column) {
      if (!text(column).isEmpty()) {
        throw wrong(column, "expected nothing here, but got " + quoted(text(column)));
      }
    }

    RecordingException wrong(String column, String what) {
      return new RecordingException("%s:%d: column %s: %s.".formatted(file, line, column, what));
    }
  }

  /**
   * Reads a file.
   *
   * @param limit how many rows at most
   */
  static List<Row> read(Path file, List<String> columns, long limit) {
    List<String> lines = lines(file);
    String header = String.join(",", columns);
    if (lines.isEmpty() || !stripped(lines.getFirst()).equals(header)) {
      throw new RecordingException(
          "%s:1: expected the header %s, but got %s."
              .formatted(file, header, lines.isEmpty() ? "nothing" : quoted(lines.getFirst())));
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i < lines.size() && rows.size() < limit; i++) {
      rows.add(row(file, i + 1, columns, stripped(lines.get(i))));
    }
    return rows;
  }

  private static Row row(Path file, int line, List<String> columns, String text) {
    String[] values = text.split(",", -1);
    if (values.length != columns.size()) {
      throw new RecordingException(
          "%s:%d: expected %d columns (%s), but got %d."
              .formatted(file, line, columns.size(), String.join(",", columns), values.length));
    }
    return new Row(file, line, columns, values);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new RecordingException("%s: it is not a text file in UTF-8.".formatted(file));
    } catch (IOException e) {
      throw new RecordingException("%s: cannot be read: %s.".formatted(file, e));
    }
  }

  private static String stripped(String line) {
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  private static String quoted(String text) {
    String shown = text.length() <= 60 ? text : text.substring(0, 60) + "...";
    return "\"" + shown.replaceAll("\\p{Cntrl}", "?") + "\"";
  }
}
