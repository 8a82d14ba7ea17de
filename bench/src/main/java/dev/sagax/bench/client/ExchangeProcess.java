package dev.sagax.bench.client;

import dev.sagax.local.DevTokens;
import dev.sagax.local.Endpoints;
import dev.sagax.platform.rpc.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * An exchange ({@code sagax up}) in a process of its own, so that its CPU time can be told from the
 * load driver's. Its standard input is a pipe from this JVM: it stops when the JVM is gone, however
 * that died.
 */
public final class ExchangeProcess implements RunningExchange {
  private static final String MAIN = "dev.sagax.bench.Sagax";
  private static final Duration START = Duration.ofSeconds(120);
  private static final Duration STOP = Duration.ofSeconds(40);
  private static final Duration TOKENS_VALID_FOR = Duration.ofHours(12);
  private static final long LOOK_MILLIS = 50;

  private final Process process;
  private final Path data;

  private ExchangeProcess(Process process, Path data) {
    this.process = process;
    this.data = data;
  }

  /**
   * Starts over a data directory and returns once it answers. Its output goes to a file beside the
   * directory, with the name {@code .up.log} after the directory's.
   *
   * @throws IllegalStateException if it ends or does not answer in time
   */
  public static ExchangeProcess start(Path data, Path marketsFile) {
    return start(data, marketsFile, List.of());
  }

  /**
   * As the other.
   *
   * @param options more of {@code sagax up}
   */
  public static ExchangeProcess start(Path data, Path marketsFile, List<String> options) {
    ExchangeProcess exchange = launch(data, marketsFile, Map.of(), options);
    exchange.awaitAnswer();
    return exchange;
  }

  /**
   * As {@link #start}, but does not wait: it has no targets yet.
   *
   * @param settings of all services, by key
   */
  public static ExchangeProcess launch(Path data, Path marketsFile, Map<String, String> settings) {
    return launch(data, marketsFile, settings, List.of());
  }

  private static ExchangeProcess launch(
      Path data, Path marketsFile, Map<String, String> settings, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(List.of("up", "--with-parent", "--any-port", "--data", data.toString()));
    command.addAll(options);
    if (marketsFile != null) {
      command.addAll(List.of("--markets", marketsFile.toString()));
    }
    settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(
                  ProcessBuilder.Redirect.appendTo(
                      data.resolveSibling(data.getFileName() + ".up.log").toFile()))
              .start();
      return new ExchangeProcess(process, data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns once it answers.
   *
   * @throws IllegalStateException if it ends or does not answer in time
   */
  public void awaitAnswer() {
    long deadline = System.nanoTime() + START.toNanos();
    while (!Endpoints.exist(data) || Endpoints.read(data).pid() != process.pid()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.destroyForcibly();
        throw new IllegalStateException("The exchange did not start; see " + data + ".up.log");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Targets targets() {
    return Targets.of(endpoints());
  }

  /** Signs a token for anyone. */
  @Override
  public TokenSource tokens() {
    Tokens tokens = DevTokens.load(endpoints().keyFile());
    return (account, scopes) -> tokens.issue(account, scopes, TOKENS_VALID_FOR);
  }

  /** host:port of its broker. */
  public String kafkaBootstrap() {
    return endpoints().kafkaBootstrap();
  }

  /** The key that signs its tokens. */
  public Path keyFile() {
    return endpoints().keyFile();
  }

  private Endpoints endpoints() {
    return Endpoints.read(data);
  }

  public long pid() {
    return process.pid();
  }

  /** kill -9 of the process that runs the services; its children follow by themselves. */
  public void kill() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    try {
      process.waitFor();
      for (ProcessHandle child : children) {
        child.onExit().get(STOP.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException("A child process has outlived the exchange", e);
    }
  }

  /** Asks it to stop and waits. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
