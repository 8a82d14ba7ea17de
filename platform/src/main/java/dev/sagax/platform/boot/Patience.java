package dev.sagax.platform.boot;

import dev.sagax.platform.log.Faults;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for infrastructure that is away, with growing pauses; a bug is not waited for. */
final class Patience {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private Patience() {}

  static <T> Future<T> until(Vertx vertx, String what, Supplier<Future<T>> attempt) {
    return until(vertx, what, attempt, FIRST_PAUSE_MILLIS);
  }

  private static <T> Future<T> until(
      Vertx vertx, String what, Supplier<Future<T>> attempt, long pauseMillis) {
    return attempt
        .get()
        .recover(failure -> {
          if (!Faults.isInfrastructure(failure)) {
            return Future.failedFuture(failure);
          }
          LOG.warn("{} has to wait {} ms: {}", what, pauseMillis, failure.toString());
          long next = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
          return vertx.timer(pauseMillis).compose(v -> until(vertx, what, attempt, next));
        });
  }
}
