package dev.sagax.local;

import dev.sagax.local.infra.InfrastructureException;
import dev.sagax.local.infra.ServerProcess;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * One process of one service, on a port and with a log that stay the same over its lives:
 *
 * <pre>
 * new -> {@link #start} -> alive -> {@link #stop}, {@link #kill} or its own end -> ended -> {@link #start} and so on
 *                          alive -> {@link #pause} -> paused -> {@link #resume} -> alive
 * </pre>
 *
 * Its process ends with this JVM, however that dies. Thread-safe; all calls block.
 */
public final class ServiceProcess {
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(120);
  private static final long LOOK_MILLIS = 50;

  private final String service;
  private final int replica;
  private final int port;
  private final Path log;
  private final ServiceCommand command;
  private final Map<String, String> environment = new HashMap<>();
  private final HealthProbe probe;
  private ServerProcess process;
  private boolean paused;
  private boolean wanted;

  ServiceProcess(
      String service,
      int replica,
      Path log,
      ServiceCommand command,
      Map<Setting, String> settings,
      HealthProbe probe) {
    this.service = service;
    this.replica = replica;
    this.port = Integer.parseInt(settings.get(Setting.GRPC_PORT));
    this.log = log;
    this.command = command;
    this.probe = probe;
    settings.forEach((setting, value) -> environment.put(setting.variable(), value));
  }

  /** "order-svc" */
  public String service() {
    return service;
  }

  /** Counted from 0. */
  public int replica() {
    return replica;
  }

  /** "order-svc-0" */
  public String name() {
    return service + "-" + replica;
  }

  public int port() {
    return port;
  }

  /** What it says, in all its lives. */
  public Path log() {
    return log;
  }

  /**
   * @throws IllegalStateException if it was never started, or was stopped
   */
  public synchronized long pid() {
    if (process == null) {
      throw new IllegalStateException(name() + " does not run.");
    }
    return process.pid();
  }

  /** Also while it is paused. */
  public synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Whether it is ready: it answers, and all that it depends on is there. */
  public boolean isReady() {
    return isAlive() && probe.isReady(port);
  }

  /** As {@link #begin}, and returns once it is ready. */
  public void start(Map<String, String> moreEnvironment) {
    begin(moreEnvironment);
    awaitReady();
  }

  /**
   * Starts it without waiting for it.
   *
   * @param moreEnvironment for this life only; goes before its settings
   */
  public synchronized void begin(Map<String, String> moreEnvironment) {
    if (isAlive()) {
      throw new IllegalStateException(name() + " runs already, as process " + pid() + ".");
    }
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(moreEnvironment);
    try {
      process = ServerProcess.start(command.words(), all, log.getParent(), log, "TERM");
    } catch (IOException e) {
      throw new InfrastructureException(name() + " could not be started.", e);
    }
    wanted = true;
    paused = false;
  }

  /**
   * @throws InfrastructureException if it ends first, or is not ready within two minutes
   */
  public void awaitReady() {
    await(this::isReady);
  }

  /**
   * As {@link #awaitReady}, but does not wait for partitions that have stopped until a person lets
   * them go on: it returns why, a sentence each.
   */
  List<String> awaitReadyOrStopped() {
    List<String> stopped = new ArrayList<>();
    await(() -> isReady() || stopped.addAll(probe.stoppedPartitions(port)));
    return stopped;
  }

  private void await(BooleanSupplier done) {
    long deadline = System.nanoTime() + ANSWER_TIMEOUT.toNanos();
    while (!done.getAsBoolean()) {
      if (!isAlive()) {
        throw new InfrastructureException(
            "%s ended before it was ready; see its log %s.".formatted(name(), log));
      }
      if (System.nanoTime() > deadline) {
        throw new InfrastructureException(
            "%s was not ready within %d s; see its log %s."
                .formatted(name(), ANSWER_TIMEOUT.toSeconds(), log));
      }
      rest();
    }
  }

  private static void rest() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InfrastructureException("The wait for a service was interrupted.", e);
    }
  }

  /** Stops it gracefully, by SIGTERM, and waits for its end. It is not started again by itself. */
  public synchronized void stop() {
    wanted = false;
    if (process != null) {
      resume();
      process.stop(STOP_TIMEOUT);
      command.ended(process.exitCode());
      process = null;
    }
  }

  /** Ends it by SIGKILL, as a crash would, and waits for its end. */
  public synchronized void kill() {
    if (process != null) {
      process.kill();
    }
  }

  /** Holds the whole process by SIGSTOP: it does nothing, and knows nothing of it. */
  public synchronized void pause() {
    signal("STOP");
    paused = true;
  }

  /** Lets a paused process go on by SIGCONT. */
  public synchronized void resume() {
    if (paused && isAlive()) {
      signal("CONT");
    }
    paused = false;
  }

  private void signal(String signal) {
    List<String> words = new ArrayList<>(List.of("sh", "-c", "kill -s \"$1\" \"$2\"", "sh"));
    words.addAll(List.of(signal, Long.toString(pid())));
    try {
      int exit = new ProcessBuilder(words).inheritIO().start().waitFor();
      if (exit != 0) {
        throw new InfrastructureException(
            "SIG%s could not be sent to %s, process %d.".formatted(signal, name(), pid()));
      }
    } catch (IOException e) {
      throw new InfrastructureException("SIG" + signal + " could not be sent.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InfrastructureException("SIG" + signal + " may not have been sent.", e);
    }
  }

  /** Whether it ought to run and does not. */
  synchronized boolean hasDied() {
    return wanted && !isAlive();
  }

  /** How it ended; to be asked of one that has died. */
  synchronized int exitCode() {
    return process.exitCode();
  }

  @Override
  public String toString() {
    return name();
  }
}
