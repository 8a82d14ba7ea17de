package dev.sagax.bench.mutants;

import java.util.List;

/** What a test says of a bug. */
sealed interface Verdict {

  /** The test ran and failed, as it should. */
  record Caught() implements Verdict {}

  /** The test passed: it does not see the bug. */
  record Survived() implements Verdict {}

  /** The test did not get to say anything. */
  record Unproven(String why) implements Verdict {}

  /**
   * Judges a run with the bug. A test class that could not be set up, or a test that failed in
   * another way than the bug shows, catches nothing.
   */
  static Verdict of(Mutant mutant, TestReport report) {
    if (report.ran().isEmpty() && report.failed().isEmpty()) {
      return new Unproven("no test ran");
    }
    if (report.failed().isEmpty()) {
      return new Survived();
    }
    List<TestReport.Failed> failed =
        report.failed().stream().filter(TestReport.Failed::inTest).toList();
    boolean asExpected =
        failed.stream()
            .anyMatch(f ->
                mutant.symptom().isEmpty() ? f.assertion() : f.text().contains(mutant.symptom()));
    return asExpected
        ? new Caught()
        : new Unproven("it failed otherwise: " + report.failed().getFirst().text());
  }
}
