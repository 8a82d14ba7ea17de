package dev.sagax.bench.client;

import dev.sagax.local.DataDirectory;
import dev.sagax.local.LocalExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** A fresh exchange over a temporary directory that is gone when it is closed, also by Ctrl-C. */
public final class TemporaryExchange implements RunningExchange {
  private final DataDirectory directory;
  private final Thread closeOnExit = new Thread(this::closeOnce, "close-temporary-exchange");
  private LocalExchange exchange;
  private boolean closed;

  private TemporaryExchange(DataDirectory directory) {
    this.directory = directory;
    Runtime.getRuntime().addShutdownHook(closeOnExit);
  }

  /**
   * Starts it. Blocking.
   *
   * @param marketsFile null for the built-in markets
   * @param progress gets a line for everything that has started
   */
  public static TemporaryExchange start(Path marketsFile, Consumer<String> progress) {
    TemporaryExchange temporary = new TemporaryExchange(temporaryDirectory());
    try {
      LocalExchange.Plan plan =
          LocalExchange.Plan.over(temporary.directory.path())
              .withMarkets(marketsFile)
              .withProgress(progress);
      temporary.started(LocalExchange.start(plan));
      return temporary;
    } catch (RuntimeException e) {
      temporary.close();
      throw e;
    }
  }

  private static DataDirectory temporaryDirectory() {
    try {
      return DataDirectory.open(Files.createTempDirectory("sagax-"), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void started(LocalExchange running) {
    exchange = running;
  }

  @Override
  public Targets targets() {
    return Targets.on("127.0.0.1", exchange.ports());
  }

  /** Where its Redis is, for who looks behind the exchange's back. */
  public String redisUri() {
    return exchange.infrastructure().redisUri();
  }

  @Override
  public TokenSource tokens() {
    return exchange::token;
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
    try {
      if (exchange != null) {
        exchange.close();
      }
    } finally {
      directory.closeAndDelete();
    }
  }
}
