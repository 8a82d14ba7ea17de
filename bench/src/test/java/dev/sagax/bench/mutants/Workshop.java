package dev.sagax.bench.mutants;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.platform.launcher.Launcher;

/**
 * Makes mutants beside the classes that Maven has compiled, and runs tests with them. Nothing of it
 * is seen outside of {@code target/mutants}.
 */
final class Workshop {
  private static final String TEST_CLASSES = "target/test-classes";
  private static final String CLASSES = "target/classes";

  /** Left behind by the build, one a module: what its tests need beside its own classes. */
  private static final String CLASS_PATH = "target/test-classpath";

  /** For JVMs that live for seconds. */
  private static final String ONE_COMPILER = "-XX:TieredStopAtLevel=1";

  private static final String OF_THE_BROKER = "SAGAX_KAFKA_JAVA_OPTIONS";

  private final Path home;
  private final Path bench;

  /**
   * @param home the project's folder
   */
  Workshop(Path home) {
    this.home = home.toAbsolutePath();
    this.bench = this.home.resolve("target").resolve("mutants");
  }

  /** How a run ended. */
  sealed interface Run {
    record Ended(TestReport report) implements Run {}

    record TookTooLong() implements Run {}

    record Died(String lastWords) implements Run {}
  }

  /**
   * Makes the class or resource with the bug.
   *
   * @return a folder to put before all others on the class path
   * @throws MutantException if the mutant is stale or does not compile
   */
  Path make(Mutant mutant) {
    String mutated = mutant.mutated(home);
    Path folder = emptied(mutant.name());
    Path classes = folder.resolve("classes");
    Path file = (mutant.isJava() ? folder.resolve("source") : classes).resolve(mutant.resource());
    try {
      Files.createDirectories(classes);
      Files.createDirectories(file.getParent());
      Files.writeString(file, mutated);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (mutant.isJava()) {
      compile(mutant, file, classes);
    }
    return classes;
  }

  private void compile(Mutant mutant, Path file, Path classes) {
    var compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-proc:none",
            "-parameters",
            "-cp",
            classPath(mutant.sourceModule()),
            "-d",
            classes.toString());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(said, null, null)) {
      var units = files.getJavaFileObjects(file);
      if (!compiler.getTask(null, files, said, options, null, units).call()) {
        throw new MutantException(
            "Mutant %s does not compile: %s".formatted(mutant.name(), errors(said)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String errors(DiagnosticCollector<JavaFileObject> said) {
    return said.getDiagnostics().stream()
        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .map(Object::toString)
        .collect(Collectors.joining("; "));
  }

  /** Runs tests of a module as they are. */
  Run runAsIs(String module, List<String> tests, Duration limit) {
    return run(emptied("without-" + module), List.of(), module, tests, limit);
  }

  /** Runs a mutant's test with the bug. */
  Run runWith(Mutant mutant, Path overlay, Duration limit) {
    return run(
        overlay.getParent(), List.of(overlay), mutant.module(), List.of(mutant.test()), limit);
  }

  private Run run(
      Path folder, List<Path> before, String module, List<String> tests, Duration limit) {
    Path report = folder.resolve("report.txt");
    Path output = folder.resolve("output.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags());
    command.add("-cp");
    command.add(
        Stream.concat(
                before.stream().map(Path::toString),
                Stream.of(classPath(module), locationOf(TestProcess.class), launcher()))
            .collect(Collectors.joining(File.pathSeparator)));
    command.add(TestProcess.class.getName());
    command.add(report.toString());
    command.addAll(tests);
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(home.resolve(module).toFile())
              .redirectErrorStream(true)
              .redirectOutput(Redirect.to(output.toFile()));
      builder.environment().put(OF_THE_BROKER, ONE_COMPILER);
      Process process = builder.start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        return new Run.TookTooLong();
      }
      return Files.exists(report)
          ? new Run.Ended(TestReport.read(report))
          : new Run.Died(lastWords(output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** As the build runs tests. */
  private static List<String> flags() {
    List<String> flags = new ArrayList<>();
    flags.add("--enable-native-access=ALL-UNNAMED");
    if (Runtime.version().feature() >= 24) {
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    flags.addAll(List.of(ONE_COMPILER, "-Dvertx.disableFileCPResolving=true", "-Xmx1g"));
    return flags;
  }

  private String classPath(String module) {
    Path folder = home.resolve(module);
    try {
      return String.join(
          File.pathSeparator,
          folder.resolve(TEST_CLASSES).toString(),
          folder.resolve(CLASSES).toString(),
          Files.readString(folder.resolve(CLASS_PATH)).strip());
    } catch (IOException e) {
      throw new MutantException(
          "Module %s is not built. Run ./sagax test --mutants, which builds it.".formatted(module));
    }
  }

  private static String launcher() {
    return locationOf(Launcher.class);
  }

  private static String locationOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String lastWords(Path output) throws IOException {
    List<String> lines = Files.readAllLines(output);
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  private Path emptied(String name) {
    Path folder = bench.resolve(name);
    try {
      if (Files.exists(folder)) {
        try (Stream<Path> all = Files.walk(folder)) {
          all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
      }
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
