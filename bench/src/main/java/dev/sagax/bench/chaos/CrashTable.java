package dev.sagax.bench.chaos;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where it was struck, how, and what became of it, as a table for people. */
final class CrashTable {
  private static final String LINE = "%-36s %-8s %5s %5s %8s  %s";

  private final Map<String, Cell> cells = new TreeMap<>();

  private static final class Cell {
    int tried;
    int hit;
    int failed;
    int mostWork;
  }

  CrashTable(Collection<Round> rounds) {
    for (Round round : rounds) {
      Cell cell = cells.computeIfAbsent(round.fault().text(), text -> new Cell());
      cell.tried++;
      cell.hit += round.hit() ? 1 : 0;
      cell.failed += round.passed() ? 0 : 1;
      cell.mostWork = Math.max(cell.mostWork, round.work());
    }
  }

  /** For a terminal. */
  List<String> lines() {
    List<String> lines = new java.util.ArrayList<>();
    lines.add(LINE.formatted("step or part", "fault", "tried", "hit", "work <=", "result"));
    rows().forEach((where, cell) -> lines.add(line(where, cell)));
    return lines;
  }

  private static String line(String[] where, Cell cell) {
    return LINE.formatted(where[0], where[1], cell.tried, cell.hit, cell.mostWork, result(cell));
  }

  /** For a page of the docs. */
  String markdown() {
    StringBuilder page =
        new StringBuilder(
            "| step or part | fault | tried | hit | work under way, at most | result |\n|---|---|---|---|---|---|\n");
    rows()
        .forEach((where, cell) ->
            page.append(
                "| `%s` | %s | %d | %d | %d | %s |\n"
                    .formatted(
                        where[0], where[1], cell.tried, cell.hit, cell.mostWork, result(cell))));
    return page.toString();
  }

  private Map<String[], Cell> rows() {
    Map<String[], Cell> rows = new LinkedHashMap<>();
    cells.forEach((text, cell) -> rows.put(text.split("="), cell));
    return rows;
  }

  private static String result(Cell cell) {
    if (cell.failed > 0) {
      return "FAILED %d times".formatted(cell.failed);
    }
    return cell.hit == 0 ? "did not hit" : "ok";
  }
}
