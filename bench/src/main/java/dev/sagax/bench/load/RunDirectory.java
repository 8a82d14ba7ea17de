package dev.sagax.bench.load;

import dev.sagax.bench.client.ExchangeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where a run keeps everything. Its exchange has stopped and the directory is gone once it is
 * closed, also by Ctrl-C.
 */
final class RunDirectory implements AutoCloseable {
  private final Path path;
  private final Thread closeOnExit = new Thread(this::closeOnce, "close-run");
  private ExchangeProcess exchange;
  private boolean closed;

  private RunDirectory(Path path) {
    this.path = path;
  }

  static RunDirectory make() throws IOException {
    RunDirectory directory = new RunDirectory(Files.createTempDirectory("sagax-bench"));
    Runtime.getRuntime().addShutdownHook(directory.closeOnExit);
    return directory;
  }

  Path path() {
    return path;
  }

  /** Starts a fresh exchange in it and returns once that answers. */
  ExchangeProcess startExchange(Path marketsFile, Map<String, String> settings) throws IOException {
    ExchangeProcess launched = launch(marketsFile, settings);
    launched.awaitAnswer();
    return launched;
  }

  private synchronized ExchangeProcess launch(Path marketsFile, Map<String, String> settings)
      throws IOException {
    if (closed) {
      throw new IllegalStateException("The run has ended before its exchange was started.");
    }
    Path data = Files.createDirectory(path.resolve("data"));
    exchange = ExchangeProcess.launch(data, marketsFile, settings);
    return exchange;
  }

  @Override
  public void close() {
    closeOnce();
    try {
      Runtime.getRuntime().removeShutdownHook(closeOnExit);
    } catch (IllegalStateException exiting) {
      // The hook is running already and finds nothing left to do.
    }
  }

  private synchronized void closeOnce() {
    if (closed) {
      return;
    }
    closed = true;
    if (exchange != null) {
      exchange.close();
    }
    delete();
  }

  private void delete() {
    try (Stream<Path> entries = Files.walk(path)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
