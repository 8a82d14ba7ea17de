package dev.sagax.bench.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.Sagax;
import dev.sagax.local.Endpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a benchmark ends before its time, its exchange ends with it. */
class BenchEndTest {
  private static final Duration START = Duration.ofSeconds(120);

  @TempDir private Path folder;
  private Process bench;
  private List<ProcessHandle> exchange = List.of();

  @BeforeEach
  void startUntilTheExchangeAnswers() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Djava.io.tmpdir=" + Files.createDirectory(folder.resolve("tmp")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Sagax.class.getName(), "bench", "--accounts", "2"));
    bench =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("bench.out").toFile())
            .start();
    until(START, () -> runs().stream().anyMatch(run -> Endpoints.exist(run.resolve("data"))));
    exchange = bench.descendants().toList();
    assertThat(exchange).as("the services and three servers").hasSizeGreaterThanOrEqualTo(4);
  }

  @AfterEach
  void kill() {
    bench.destroyForcibly();
    exchange.forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void killedItLeavesNoProcessBehind() {
    bench.destroyForcibly();

    Crash.awaitGone(exchange);
  }

  private void until(Duration patience, BooleanSupplier condition) {
    long end = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is up; see %s", folder).isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private List<Path> runs() {
    try (Stream<Path> entries = Files.list(folder.resolve("tmp"))) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith("sagax-bench"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
