package dev.sagax.local.infra;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A server's process under a small shell that watches over it. The shell's standard input is a pipe
 * from this JVM: when it ends, because we closed it or because the JVM is gone however it died, the
 * shell stops the server by its signal, and after some seconds by SIGKILL. Linux' own "signal on
 * parent's death" follows the thread that started the process, not the JVM, so it is of no use
 * here.
 *
 * <p>The process has a session of its own, so that Ctrl-C in a terminal reaches this JVM only,
 * which can then stop things in their order.
 */
public final class ServerProcess {
  /** Arguments: log file, signal, the server's command. Prints the server's process id. */
  private static final String WATCHER =
      """
      log=$1 signal=$2
      shift 2
      exec 3<&0
      "$@" 3<&- </dev/null >>"$log" 2>&1 &
      server=$!
      echo "$server"
      {
        while read -r _ <&3; do :; done
        kill -s "$signal" "$server" 2>/dev/null
        tenths=0
        while [ "$tenths" -lt 110 ] && kill -s 0 "$server" 2>/dev/null; do
          sleep 0.1
          tenths=$((tenths + 1))
        done
        kill -s KILL "$server" 2>/dev/null
      } &
      watcher=$!
      wait "$server"
      status=$?
      kill -s KILL "$watcher" 2>/dev/null
      exit "$status"
      """;

  private final Process shell;
  private final long pid;

  private ServerProcess(Process shell, long pid) {
    this.shell = shell;
    this.pid = pid;
  }

  static ServerProcess start(List<String> command, Path directory, Path log, String stopSignal)
      throws IOException {
    return start(command, Map.of(), directory, log, stopSignal);
  }

  /**
   * @param environment goes before what this JVM has
   * @param log gets standard output and error, behind what it has
   * @param stopSignal without SIG
   */
  public static ServerProcess start(
      List<String> command,
      Map<String, String> environment,
      Path directory,
      Path log,
      String stopSignal)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("setsid", "sh", "-c", WATCHER, "sagax-watch"));
    words.addAll(List.of(log.toString(), stopSignal));
    words.addAll(command);
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    Process shell = builder.start();
    return new ServerProcess(shell, readPid(shell));
  }

  private static long readPid(Process shell) throws IOException {
    BufferedReader reader = shell.inputReader();
    String line = reader.readLine();
    if (line == null) {
      throw new InfrastructureException("The shell that starts local servers ended at once.");
    }
    return Long.parseLong(line);
  }

  public long pid() {
    return pid;
  }

  public boolean isAlive() {
    return shell.isAlive();
  }

  /**
   * How it ended, as a shell says it: 128 + the signal that killed it.
   *
   * @throws IllegalThreadStateException while it lives
   */
  public int exitCode() {
    return shell.exitValue();
  }

  /** Lets the shell stop the server, and waits for both. */
  public void stop(Duration timeout) {
    try {
      shell.getOutputStream().close();
    } catch (IOException alreadyGone) {
      // The pipe breaks when the server has ended before, which is what we want.
    }
    if (!endsWithin(timeout)) {
      kill();
    }
  }

  /** Sends SIGKILL to the server itself. The shell sees its end and follows. */
  public void kill() {
    Optional<ProcessHandle> server = ProcessHandle.of(pid);
    if (shell.isAlive()) {
      server.ifPresent(ProcessHandle::destroyForcibly);
    }
    if (!endsWithin(Duration.ofSeconds(10))) {
      throw new InfrastructureException("Process " + pid + " did not end by SIGKILL.");
    }
  }

  private boolean endsWithin(Duration timeout) {
    try {
      return shell.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InfrastructureException("The wait for the end of process " + pid + " broke.", e);
    }
  }
}
