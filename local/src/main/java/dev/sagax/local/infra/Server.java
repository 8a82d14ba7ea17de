package dev.sagax.local.infra;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/**
 * One real server on 127.0.0.1 over a directory of its own:
 *
 * <pre>
 * home/data        what the server itself keeps
 * home/port        the port that a restart takes again if it is still free
 * home/server.log  what the server says; server.log.old is the run before
 * </pre>
 *
 * <p>Charted: new -> {@link #start} -> running -> {@link #stop} or {@link #kill} -> stopped ->
 * {@link #start} and so on. Not thread-safe: one owner starts and stops it. All calls block.
 */
public abstract sealed class Server implements AutoCloseable
    permits KafkaServer, PostgresServer, RedisServer {
  static final String HOST = "127.0.0.1";

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(120);
  private static final Duration PREDECESSOR_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

  private final String name;
  private final Path home;
  private final int wantedPort;
  private int port;
  private ServerProcess process;

  /**
   * @param name as people call it, for messages
   * @param wantedPort 0 for the port of the last start over this directory, or any free one
   */
  Server(String name, Path home, int wantedPort) {
    this.name = name;
    this.home = home.toAbsolutePath().normalize();
    this.wantedPort = wantedPort;
  }

  /** Makes {@link #data} ready for {@link #command}; called before every start. */
  abstract void prepare() throws IOException;

  /** The server's command line; its first word that is a path names the executable. */
  abstract List<String> command() throws IOException;

  /** The name that the operating system shows for the server's process. */
  abstract String processName();

  /** The signal, without SIG, that makes the server stop with all its data in order. */
  abstract String stopSignal();

  /** Whether the server serves a request now, which is more than an open port. */
  abstract boolean answers() throws IOException;

  /** Called after the server has stopped gracefully, or was not running any more. */
  void stopped() {}

  /** A whole sentence on why the server ended, if its log tells, or an empty string. */
  String explain(String log) {
    return "";
  }

  /**
   * Starts the server and returns once it answers. Waits a while for a server of an earlier run
   * that still dies over the same directory or port.
   *
   * @throws InfrastructureException if it does not answer in time, ends, or its port is taken
   */
  public final void start() {
    if (isRunning()) {
      throw new IllegalStateException(name + " is running already, as process " + pid() + ".");
    }
    Binaries.requireLinux();
    try {
      Files.createDirectories(data());
      awaitPredecessor();
      port = Ports.choose(name, wantedPort, home.resolve("port"));
      prepare();
      Files.deleteIfExists(log().resolveSibling("server.log.old"));
      if (Files.exists(log())) {
        Files.move(
            log(), log().resolveSibling("server.log.old"), StandardCopyOption.REPLACE_EXISTING);
      }
      process = ServerProcess.start(command(), data(), log(), stopSignal());
      awaitAnswer();
    } catch (IOException e) {
      kill();
      throw new InfrastructureException(
          "%s could not be started over %s: %s.".formatted(name, home, e.getMessage()), e);
    } catch (RuntimeException e) {
      kill();
      throw e;
    }
  }

  /** Stops the server gracefully and waits for its end. Does nothing if it does not run. */
  public final void stop() {
    if (process != null) {
      process.stop(STOP_TIMEOUT);
      process = null;
      stopped();
    }
  }

  /** Ends the server by SIGKILL, as a crash would, and waits for its end. */
  public final void kill() {
    if (process != null) {
      process.kill();
      process = null;
    }
  }

  @Override
  public final void close() {
    stop();
  }

  public final boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** The port that the server listens on, once started. */
  public final int port() {
    return port;
  }

  /** The process id of the server itself. */
  public final long pid() {
    if (process == null) {
      throw new IllegalStateException(name + " does not run.");
    }
    return process.pid();
  }

  /** What the server has said in this run. */
  public final Path log() {
    return home.resolve("server.log");
  }

  final Path home() {
    return home;
  }

  final Path data() {
    return home.resolve("data");
  }

  private void awaitPredecessor() {
    boolean gone =
        Waiting.until(
            PREDECESSOR_TIMEOUT, () -> Processes.runningIn(data(), processName()).isEmpty());
    if (!gone) {
      throw new InfrastructureException(
          "%s of another run still uses %s as process %s. Stop that run first."
              .formatted(name, home, Processes.runningIn(data(), processName())));
    }
  }

  private void awaitAnswer() throws IOException {
    boolean answered =
        Waiting.until(ANSWER_TIMEOUT, () -> !process.isAlive() || answersWithoutError());
    if (!process.isAlive()) {
      String log = Files.exists(log()) ? Files.readString(log()) : "";
      throw new InfrastructureException(
          "%s ended while it started. %s%nThe end of its log %s:%n%s"
              .formatted(name, explain(log), log(), tail(log)));
    }
    if (!answered) {
      throw new InfrastructureException(
          "%s did not answer on port %d within %d s. See its log %s."
              .formatted(name, port, ANSWER_TIMEOUT.toSeconds(), log()));
    }
  }

  private boolean answersWithoutError() {
    try {
      return answers();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static String tail(String log) {
    List<String> lines = log.lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
  }
}
