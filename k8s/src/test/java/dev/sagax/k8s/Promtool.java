package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The tool that comes with Prometheus; whoever does not have it is told what was not tested. */
final class Promtool {
  private static final Optional<Path> FOUND =
      Stream.of(System.getenv("PATH").split(File.pathSeparator))
          .map(directory -> Path.of(directory).resolve("promtool"))
          .filter(Files::isExecutable)
          .findFirst();

  private Promtool() {}

  /** Runs it and asserts that it is content; skips the test where it is missing. */
  static String accepts(Path directory, String... words) throws IOException, InterruptedException {
    if (FOUND.isEmpty()) {
      System.err.printf(
          "%n*** SKIPPED: promtool is not on the PATH (Debian: apt-get install prometheus), so nobody ran: promtool %s%n%n",
          String.join(" ", words));
    }
    Assumptions.assumeTrue(FOUND.isPresent(), "promtool is not on the PATH");
    List<String> command = new ArrayList<>(List.of(FOUND.get().toString()));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
