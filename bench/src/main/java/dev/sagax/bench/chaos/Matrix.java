package dev.sagax.bench.chaos;

import dev.sagax.platform.fault.FaultPoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Every fault point with a kill and with a zombie. What was run is in a file, a line each, so that
 * a later run goes on with the rest; what did not hit or failed is run again.
 */
final class Matrix {
  private static final String FILE = "matrix.tsv";
  private static final Pattern PART = Pattern.compile("([1-9][0-9]?)/([1-9][0-9]?)");
  private static final String SEPARATOR = "\t";

  private final List<FaultPoint> points;
  private final List<String> only;
  private final Path file;

  /** By the fault's text. */
  private final Map<String, Round> done = new LinkedHashMap<>();

  private final List<Finding> findings = new ArrayList<>();

  private Matrix(List<FaultPoint> points, List<String> only, Path file) {
    this.points = points;
    this.only = only;
    this.file = file;
  }

  /**
   * @param part K/N
   * @param directory where the results are kept; null for nowhere
   * @param only points, or points with what is done there (POINT=kill); empty for all
   * @throws IllegalArgumentException if the part or a point is none
   */
  static Matrix of(String part, Path directory, List<String> only, FaultPoint... all)
      throws IOException {
    Matcher numbers = PART.matcher(part);
    if (!numbers.matches()
        || Integer.parseInt(numbers.group(1)) > Integer.parseInt(numbers.group(2))) {
      throw new IllegalArgumentException(
          "Expected --part to be K/N with K from 1 to N, but got \"%s\".".formatted(part));
    }
    only.forEach(text -> FaultPoint.ofText(text.split("=", 2)[0]));
    int k = Integer.parseInt(numbers.group(1)) - 1;
    int n = Integer.parseInt(numbers.group(2));
    List<FaultPoint> points = new ArrayList<>();
    for (FaultPoint point : all) {
      boolean wanted =
          only.isEmpty()
              ? point.ordinal() % n == k
              : only.stream().anyMatch(text -> text.split("=", 2)[0].equals(point.toString()));
      if (wanted) {
        points.add(point);
      }
    }
    Path file = directory == null ? null : Files.createDirectories(directory).resolve(FILE);
    Matrix matrix = new Matrix(points, only, file);
    matrix.read();
    return matrix;
  }

  private List<Fault> cells(int replicas) {
    List<Fault> cells = new ArrayList<>();
    for (FaultPoint point : points) {
      cells.add(new Fault.KillAt(point, 1, point.ordinal() % replicas));
      cells.add(new Fault.ZombieAt(point, 1, point.ordinal() % replicas));
    }
    cells.removeIf(
        fault -> !only.isEmpty() && !only.contains(fault.target()) && !only.contains(fault.text()));
    return cells;
  }

  private void read() throws IOException {
    if (file == null || Files.notExists(file)) {
      return;
    }
    Map<String, Fault> byText = new LinkedHashMap<>();
    cells(1).forEach(fault -> byText.put(fault.text(), fault));
    for (String line : Files.readAllLines(file)) {
      String[] words = line.split(SEPARATOR);
      Fault fault = byText.get(words[0]);
      if (fault != null && words.length >= 4) {
        List<Finding> wrong = words[3].equals("ok") ? List.of() : List.of(Finding.wrong(words[3]));
        done.put(
            words[0],
            new Round(
                fault,
                Integer.parseInt(words[1]),
                wrong,
                words.length > 4 && !words[4].isEmpty() ? List.of(words[4]) : List.of(),
                Long.parseLong(words[2]),
                words.length > 5 ? Long.parseLong(words[5]) : 0,
                ""));
      }
    }
  }

  /** What has not both hit and passed yet. */
  List<Fault> left(int replicas) {
    return cells(replicas).stream().filter(fault -> !isGood(done.get(fault.text()))).toList();
  }

  private static boolean isGood(Round round) {
    return round != null && round.hit() && round.passed();
  }

  void add(Round round) throws IOException {
    done.put(round.fault().text(), round);
    if (file != null) {
      String result = round.passed() ? "ok" : oneLine(round.findings());
      Files.write(
          file,
          List.of(
              String.join(
                  SEPARATOR,
                  round.fault().text(),
                  Integer.toString(round.work()),
                  Long.toString(round.millis()),
                  result,
                  oneLine(round.mended()),
                  Long.toString(round.quietMillis()))),
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
  }

  private static String oneLine(List<?> sentences) {
    return sentences.stream()
        .map(Object::toString)
        .collect(Collectors.joining("; "))
        .replace('\t', ' ')
        .replace('\n', ' ');
  }

  /** What was wrong at the very end. */
  void addFindings(List<Finding> more) {
    findings.addAll(more);
  }

  /** What was wrong at the very end of this run. */
  List<Finding> findings() {
    return List.copyOf(findings);
  }

  List<Round> done() {
    return List.copyOf(done.values());
  }

  boolean isGreen() {
    return findings.isEmpty() && left(1).isEmpty();
  }
}
