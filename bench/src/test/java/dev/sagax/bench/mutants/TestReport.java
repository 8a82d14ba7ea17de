package dev.sagax.bench.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What became of the tests that a process was told to run. */
record TestReport(List<Ran> ran, List<Failed> failed) {
  private static final String RAN = "ran";
  private static final String FAILED = "failed";
  private static final String TAB = "\t";

  /**
   * A test, or one run of a repeated one.
   *
   * @param test {@code package.Class#method}
   */
  record Ran(String test, long millis) {}

  /**
   * @param name of the test, or of the class that could not be set up
   * @param inTest whether a test failed, and not what goes before it
   * @param assertion whether it was an assertion that failed
   * @param text what was thrown, with its causes, in one line
   */
  record Failed(String name, boolean inTest, boolean assertion, String text) {}

  /** Whether a test ran and neither it nor its class failed. */
  boolean passed(String test) {
    String type = test.substring(0, test.indexOf('#'));
    return ran.stream().anyMatch(r -> r.test().equals(test))
        && failed.stream().noneMatch(f -> f.name().equals(test) || f.name().equals(type));
  }

  /** How long all runs of a test took, in milliseconds. */
  long millis(String test) {
    return ran.stream().filter(r -> r.test().equals(test)).mapToLong(Ran::millis).sum();
  }

  void write(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    ran.forEach(r -> lines.add(String.join(TAB, RAN, r.test, Long.toString(r.millis))));
    failed.forEach(f ->
        lines.add(
            String.join(
                TAB,
                FAILED,
                f.name,
                Boolean.toString(f.inTest),
                Boolean.toString(f.assertion),
                f.text)));
    Files.write(file, lines);
  }

  static TestReport read(Path file) throws IOException {
    List<Ran> ran = new ArrayList<>();
    List<Failed> failed = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] fields = line.split(TAB, -1);
      if (fields[0].equals(RAN)) {
        ran.add(new Ran(fields[1], Long.parseLong(fields[2])));
      } else {
        failed.add(
            new Failed(
                fields[1],
                Boolean.parseBoolean(fields[2]),
                Boolean.parseBoolean(fields[3]),
                fields[4]));
      }
    }
    return new TestReport(ran, failed);
  }
}
