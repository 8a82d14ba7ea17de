package dev.sagax.bench.chaos;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Where it was struck, how, and what became of it, as a table for people. */
final class CrashTable {
  private static final String LINE = "%-36s %-8s %5s %5s %8s %7s  %s";

  private final Map<String, Cell> cells = new TreeMap<>();

  private static final class Cell {
    int tried;
    int hit;
    int failed;
    int mostWork;
    long millis;
    final Set<String> mended = new TreeSet<>();
  }

  CrashTable(Collection<Round> rounds) {
    for (Round round : rounds) {
      Cell cell = cells.computeIfAbsent(round.fault().text(), text -> new Cell());
      cell.tried++;
      cell.hit += round.hit() ? 1 : 0;
      cell.failed += round.passed() ? 0 : 1;
      cell.millis += round.millis();
      round.mended().stream().map(CrashTable::withoutDetails).forEach(cell.mended::add);
      cell.mostWork = Math.max(cell.mostWork, round.work());
    }
  }

  /** For a terminal. */
  List<String> lines() {
    List<String> lines = new java.util.ArrayList<>();
    lines.add(
        LINE.formatted("step or part", "fault", "tried", "hit", "work <=", "s each", "result"));
    rows().forEach((where, cell) -> lines.add(line(where, cell)));
    return lines;
  }

  private static String line(String[] where, Cell cell) {
    return LINE.formatted(
        where[0], where[1], cell.tried, cell.hit, cell.mostWork, seconds(cell), result(cell));
  }

  /** For a page of the docs. */
  String markdown() {
    StringBuilder page =
        new StringBuilder(
            "| step or part | fault | tried | hit | work under way, at most | seconds each | result |\n|---|---|---|---|---|---|---|\n");
    rows()
        .forEach((where, cell) ->
            page.append(
                "| `%s` | %s | %d | %d | %d | %s | %s |\n"
                    .formatted(
                        where[0],
                        where[1],
                        cell.tried,
                        cell.hit,
                        cell.mostWork,
                        seconds(cell),
                        result(cell))));
    return page.toString();
  }

  private Map<String[], Cell> rows() {
    Map<String[], Cell> rows = new LinkedHashMap<>();
    cells.forEach((text, cell) -> rows.put(text.split("="), cell));
    return rows;
  }

  private static String seconds(Cell cell) {
    return String.format(Locale.ROOT, "%.1f", cell.millis / 1e3 / cell.tried);
  }

  /** "rebuilt under epoch 3" -> "rebuilt" */
  private static String withoutDetails(String sentence) {
    return sentence.replaceAll(" under epoch [0-9]+| \\([^)]*\\)", "");
  }

  private static String result(Cell cell) {
    if (cell.failed > 0) {
      return "FAILED %d times".formatted(cell.failed);
    }
    if (cell.hit == 0) {
      return "did not hit";
    }
    return cell.mended.isEmpty() ? "ok" : "ok; ledger " + String.join(", ", cell.mended);
  }
}
