package dev.sagax.platform.log;

import io.vertx.core.Future;
import java.util.function.Function;

/** Looks things up in the log, anywhere in it, for people who ask. */
public interface LogReader {

  /**
   * Runs a reading on a thread where it may block, one after the other. Fails when the broker is
   * away, and when the reading takes longer than a few seconds.
   */
  <T> Future<T> read(Function<LogView, T> reading);

  Future<Void> close();
}
