package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.Endpoints;
import dev.sagax.local.LocalExchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/api.md} as a person reads it: every command is executed in its order, and what comes
 * back is what the page shows.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApiGuideTest {
  private static final Path GUIDE = Buf.projectRoot().resolve("docs/api.md");
  private static final Pattern READY = Pattern.compile("Ctrl-C stops it; the data stays\\.");
  private static final String START = "./sagax up ";

  /** Market data follows a settled order by a moment, and calls may be made again. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** {@code ./sagax token}, over the data of this exchange. */
  private static final String SAGAX =
      """
      #!/usr/bin/env bash
      [[ $1 == token ]] || exit 64
      exec "$JAVA" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$CLASS_PATH" \\
        dev.sagax.local.e2e.TokenProcess "${@:2}" --data data
      """;

  @TempDir private static Path folder;
  private final Map<String, String> names = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();
  private List<Transcript.Step> steps;
  private JavaProcess up;

  @BeforeAll
  void startAsTheGuideSays() throws IOException {
    steps = Transcript.read(Files.readString(GUIDE));
    String start = steps.get(0).command();
    assertThat(start).startsWith(START);
    List<String> words = new ArrayList<>(List.of("--any-port", "--data"));
    words.add(folder.resolve("data").toString());
    words.addAll(List.of(start.substring(START.length()).split(" ")));
    up =
        JavaProcess.start(
            UpProcess.class,
            "logback-local.xml",
            folder.resolve("up.out"),
            Map.of(),
            words.toArray(String[]::new));
    environment.putAll(StandIns.write(folder.resolve("tools")));
    StandIns.tool(folder.resolve("sagax"), SAGAX);
    up.says(READY);
  }

  @AfterAll
  void stop() {
    List<ProcessHandle> servers = up.descendants();
    up.close();
    JavaProcess.assertGone(servers);
  }

  @Test
  void everyCommandAnswersAsShown() {
    List<Transcript.Step> calls = steps.subList(1, steps.size());
    assertThat(calls).hasSizeGreaterThan(50);
    calls.forEach(this::follow);
  }

  private void follow(Transcript.Step step) {
    String command = onThesePorts(withNames(step.command()));
    if (step.isStream()) {
      watch(step, command);
    } else {
      Eventually.passes(PATIENCE, () -> check(step, run(command)));
    }
  }

  private void check(Transcript.Step step, Ran ran) {
    try {
      if (step.shown() == null) {
        assertThat(ran.exit()).isZero();
      } else {
        names.putAll(step.shown().check(ran.output()));
      }
    } catch (AssertionError wrong) {
      throw new AssertionError(
          "docs/api.md:%d: %s%n%s%nIt answered:%n%s%s"
              .formatted(
                  step.line(), step.command(), wrong.getMessage(), ran.output(), ran.errors()),
          wrong);
    }
  }

  /** What a command has said so far. */
  private record Ran(int exit, String output, String errors) {}

  /** Ends a stream, as by Ctrl-C, when it has told what is shown. */
  private void watch(Transcript.Step step, String command) {
    Path out = folder.resolve("stream.out");
    Process stream = start(command, out);
    try {
      Eventually.passes(PATIENCE, () -> check(step, new Ran(0, read(out), errors(out))));
    } finally {
      end(stream);
    }
  }

  private Ran run(String command) {
    Path out = folder.resolve("command.out");
    Process process = start(command, out);
    try {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as(command).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      end(process);
    }
    return new Ran(process.exitValue(), read(out), errors(out));
  }

  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** A shell with what the commands before have exported. */
  private Process start(String command, Path out) {
    String script =
        """
        [[ ! -f exported ]] || . ./exported
        %s
        exit=$?
        export -p >exported.$$ && mv exported.$$ exported
        exit $exit
        """
            .formatted(command);
    try {
      ProcessBuilder builder =
          new ProcessBuilder("bash", "-c", script)
              .directory(folder.toFile())
              .redirectOutput(out.toFile())
              .redirectError(errorsOf(out).toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path errorsOf(Path out) {
    return out.resolveSibling(out.getFileName() + ".err");
  }

  private static String errors(Path out) {
    return read(errorsOf(out));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String withNames(String command) {
    String filled = command;
    for (Map.Entry<String, String> name : names.entrySet()) {
      filled = filled.replace("<" + name.getKey() + ">", name.getValue());
    }
    assertThat(filled).doesNotContain("<");
    return filled;
  }

  /** The guide shows the default ports. */
  private String onThesePorts(String command) {
    LocalExchange.Ports now = Endpoints.read(folder.resolve("data")).ports();
    LocalExchange.Ports shown = LocalExchange.Ports.DEFAULT;
    return command
        .replace(":" + shown.order(), ":" + now.order())
        .replace(":" + shown.match(), ":" + now.match())
        .replace(":" + shown.settle(), ":" + now.settle())
        .replace(":" + shown.asset(), ":" + now.asset());
  }
}
