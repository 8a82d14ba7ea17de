package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A main class of the class path in a JVM of its own, whose output goes to a file. */
final class JavaProcess implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(30);

  /** It may have to start a dozen JVMs first. */
  private static final Duration SPEECH = Duration.ofSeconds(120);

  private final String name;
  private final Process process;
  private final Path output;

  private JavaProcess(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  /**
   * @param logback the log's configuration, a resource
   * @param output gets standard output and error
   * @param environment goes before what this JVM has
   */
  static JavaProcess start(
      Class<?> main,
      String logback,
      Path output,
      Map<String, String> environment,
      String... arguments) {
    List<String> words = new ArrayList<>();
    // A process group of its own as in a terminal, and Ctrl-C not ignored, as it is in background.
    words.addAll(List.of("setsid", "env", "--default-signal=INT"));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m"));
    words.add("-Dlogback.configurationFile=" + logback);
    words.add("-Dvertx.disableFileCPResolving=true");
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    words.addAll(List.of(arguments));
    try {
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()));
      builder.environment().putAll(environment);
      return new JavaProcess(main.getSimpleName(), builder.start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until its output has this, and returns the first group of it. */
  String says(Pattern what) {
    Matcher[] found = new Matcher[1];
    Eventually.passes(
        SPEECH,
        () -> {
          Matcher matcher = what.matcher(output());
          assertThat(matcher.find()).as("%s says %s, but only:%n%s", name, what, output()).isTrue();
          found[0] = matcher;
        });
    return found[0].groupCount() == 0 ? found[0].group() : found[0].group(1);
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that it has started, and that it has started in turn. */
  List<ProcessHandle> descendants() {
    return process.descendants().toList();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a signal to it and all of its process group, as a terminal does. */
  void signal(String signal) {
    Buf.Answer sent = Buf.shell("kill -s " + signal + " -- -" + process.pid(), Map.of());
    assertThat(sent.exit()).as(sent.err()).isZero();
  }

  /** Waits for its end, which has to come soon, and returns its exit code. */
  int exitCode() {
    try {
      assertThat(process.waitFor(END.toSeconds(), TimeUnit.SECONDS))
          .as("%s ends within %s", name, END)
          .isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return process.exitValue();
  }

  static void assertGone(List<ProcessHandle> processes) {
    Eventually.passes(() -> assertThat(processes).noneMatch(JavaProcess::isRunning));
  }

  /** A process that has ended but was not yet collected by its parent does not run. */
  private static boolean isRunning(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return process.isAlive() && !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
    } catch (IOException gone) {
      return false;
    }
  }

  /** Ends it by SIGKILL if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
