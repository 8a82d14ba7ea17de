package dev.sagax.bench.mutants;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./sagax test --mutants}. */
@Command(
    name = "sagax test --mutants",
    description = {
      "Puts known bugs in, one at a time, and expects the test that each of them names to fail.",
      "Before that, each of these tests must pass without a bug."
    },
    mixinStandardHelpOptions = true)
final class MutantsCommand implements Callable<Integer> {
  /** What a test may take that catches a bug. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Option(names = "--list", description = "List the bugs, with the tests that catch them.")
  private boolean list;

  @Parameters(paramLabel = "NAME", description = "Only these bugs; without a name all of them.")
  private List<String> names = List.of();

  private final Workshop workshop = new Workshop(Path.of(""));
  private final Set<String> passing = new HashSet<>();

  /** A line of the summary. */
  private record Row(Mutant mutant, Verdict verdict, Duration took) {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new MutantsCommand()).setUsageHelpWidth(100).execute(arguments));
  }

  @Override
  public Integer call() {
    try {
      List<Mutant> mutants = chosen(Mutant.all(Path.of("")));
      if (mutants.isEmpty()) {
        return CommandLine.ExitCode.USAGE;
      }
      return list ? print(mutants) : run(mutants);
    } catch (MutantException stale) {
      System.err.println(stale.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private List<Mutant> chosen(List<Mutant> all) {
    Set<String> unknown = new TreeSet<>(names);
    all.forEach(mutant -> unknown.remove(mutant.name()));
    if (!unknown.isEmpty()) {
      System.err.printf(
          "There is no mutant %s. --list says which there are.%n", String.join(", ", unknown));
      return List.of();
    }
    return all.stream().filter(m -> names.isEmpty() || names.contains(m.name())).toList();
  }

  private static int print(List<Mutant> mutants) {
    for (Mutant mutant : mutants) {
      System.out.printf(
          "%s%n  %s%n  %s: %s%n",
          mutant.name(), mutant.bug().replaceAll("\\s+", " "), mutant.module(), mutant.test());
    }
    return CommandLine.ExitCode.OK;
  }

  private int run(List<Mutant> mutants) {
    long begin = System.nanoTime();
    List<Path> made = mutants.stream().map(workshop::make).toList();
    runWithoutBugs(mutants);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < mutants.size(); i++) {
      Row row = tryOut(mutants.get(i), made.get(i));
      System.out.printf(
          "%3d/%d  %s: %s (%.1f s)%n",
          i + 1, mutants.size(), row.mutant.name(), said(row.verdict), seconds(row.took));
      rows.add(row);
    }
    return summarize(rows, since(begin));
  }

  /** Each test once, those of a module together. */
  private void runWithoutBugs(List<Mutant> mutants) {
    Map<String, Set<String>> byModule =
        mutants.stream()
            .collect(
                Collectors.groupingBy(
                    Mutant::module,
                    TreeMap::new,
                    Collectors.mapping(Mutant::test, Collectors.toCollection(TreeSet::new))));
    byModule.forEach((module, tests) -> {
      long begin = System.nanoTime();
      var run = workshop.runAsIs(module, List.copyOf(tests), LIMIT.multipliedBy(tests.size()));
      List<String> failing = new ArrayList<>(tests);
      if (run instanceof Workshop.Run.Ended ended) {
        tests.stream().filter(ended.report()::passed).forEach(passing::add);
        failing.removeAll(passing);
      }
      System.out.printf(
          "Without bugs  %s: %d of %d tests pass (%.1f s)%n",
          module, tests.size() - failing.size(), tests.size(), seconds(since(begin)));
      failing.forEach(test -> System.out.printf("  FAILS: %s (%s)%n", test, why(run, test)));
    });
  }

  private static String why(Workshop.Run run, String test) {
    return switch (run) {
      case Workshop.Run.Died died -> died.lastWords();
      case Workshop.Run.TookTooLong slow -> "it took too long";
      case Workshop.Run.Ended ended ->
          ended.report().failed().stream()
              .filter(failed -> test.startsWith(failed.name()))
              .map(TestReport.Failed::text)
              .findFirst()
              .orElse("there is no such test");
    };
  }

  private Row tryOut(Mutant mutant, Path overlay) {
    if (!passing.contains(mutant.test())) {
      return new Row(
          mutant, new Verdict.Unproven("the test fails without the bug too"), Duration.ZERO);
    }
    long begin = System.nanoTime();
    Verdict verdict =
        switch (workshop.runWith(mutant, overlay, LIMIT)) {
          case Workshop.Run.Ended ended -> Verdict.of(mutant, ended.report());
          case Workshop.Run.TookTooLong slow ->
              new Verdict.Unproven("the test did not end within %d s".formatted(LIMIT.toSeconds()));
          case Workshop.Run.Died died ->
              new Verdict.Unproven("the process died: " + died.lastWords());
        };
    return new Row(mutant, verdict, since(begin));
  }

  private static int summarize(List<Row> rows, Duration took) {
    System.out.println();
    int widest = rows.stream().mapToInt(row -> row.mutant.name().length()).max().orElse(0);
    String line = "%-" + widest + "s  %-8s  %5.1f s  %s%n";
    for (Row row : rows) {
      String word =
          switch (row.verdict) {
            case Verdict.Caught caught -> "caught";
            case Verdict.Survived survived -> "SURVIVED";
            case Verdict.Unproven unproven -> "UNPROVEN";
          };
      System.out.printf(line, row.mutant.name(), word, seconds(row.took), shortTest(row.mutant));
    }
    long caught = rows.stream().filter(row -> row.verdict instanceof Verdict.Caught).count();
    System.out.printf(
        "%nCaught %d of %d bugs in %d:%02d minutes%n",
        caught, rows.size(), took.toMinutes(), took.toSecondsPart());
    return caught == rows.size() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static String shortTest(Mutant mutant) {
    return mutant.test().substring(mutant.test().lastIndexOf('.') + 1);
  }

  private static String said(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Caught caught -> "caught";
      case Verdict.Survived survived -> "SURVIVED, its test passes";
      case Verdict.Unproven unproven -> "UNPROVEN, " + unproven.why();
    };
  }

  private static Duration since(long beginNanos) {
    return Duration.ofNanos(System.nanoTime() - beginNanos);
  }

  private static double seconds(Duration took) {
    return took.toMillis() / 1000.0;
  }
}
