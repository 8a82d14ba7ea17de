package dev.sagax.bench.dlq;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns as wide as their widest cell; the last one is as long as it is. */
final class Table {
  private final List<String[]> rows = new ArrayList<>();
  private final int[] widths;

  Table(String... titles) {
    widths = new int[titles.length];
    add(titles);
  }

  void add(String... cells) {
    rows.add(cells);
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], cells[i].length());
    }
  }

  void print(PrintWriter out) {
    for (String[] cells : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(cells[i]);
        if (i < widths.length - 1) {
          line.append(" ".repeat(widths[i] - cells[i].length() + 2));
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
