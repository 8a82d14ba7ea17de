package dev.sagax.platform.boot;

import dev.sagax.platform.log.Faults;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries again, with pauses, for as long as it takes. There is one promise for all rounds and a
 * timer between two of them: a chain of futures as long as an outage overflows the stack.
 */
public final class Patience {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private final Vertx vertx;

  private Patience(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Waits for infrastructure that is away, with growing pauses; a bug is not waited for. */
  public static <T> Future<T> until(Vertx vertx, String what, Supplier<Future<T>> attempt) {
    return until(vertx, what, Faults::isInfrastructure, attempt);
  }

  /**
   * Tries until it succeeds, with growing pauses and a log line for each.
   *
   * @param what has to wait; the first words of the log line
   * @param passes the failures that waiting may help; any other one fails the result
   */
  public static <T> Future<T> until(
      Vertx vertx, String what, Predicate<Throwable> passes, Supplier<Future<T>> attempt) {
    Promise<T> done = promise(vertx);
    new Patience(vertx).attempt(what, passes, attempt, FIRST_PAUSE_MILLIS, done);
    return done.future();
  }

  /**
   * Looks again and again until what it sees is enough, which a caller with a deadline says when
   * that has passed, too.
   *
   * @param pauseMillis between two looks; 0 lets only what else is due go first
   * @return what the last look saw; fails as soon as a look does
   */
  public static <T> Future<T> poll(
      Vertx vertx, long pauseMillis, Supplier<Future<T>> look, Predicate<T> enough) {
    Promise<T> done = promise(vertx);
    new Patience(vertx).look(pauseMillis, look, enough, done);
    return done.future();
  }

  /** What follows on it runs where the caller is, whatever thread completes it. */
  private static <T> Promise<T> promise(Vertx vertx) {
    return ((ContextInternal) vertx.getOrCreateContext()).promise();
  }

  private <T> void attempt(
      String what,
      Predicate<Throwable> passes,
      Supplier<Future<T>> attempt,
      long pauseMillis,
      Promise<T> done) {
    start(attempt)
        .onSuccess(done::complete)
        .onFailure(failure -> {
          if (!holds(passes, failure, done)) {
            done.tryFail(failure);
            return;
          }
          LOG.warn("{} has to wait {} ms: {}", what, pauseMillis, failure.toString());
          long next = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
          after(pauseMillis, () -> attempt(what, passes, attempt, next, done));
        });
  }

  private <T> void look(
      long pauseMillis, Supplier<Future<T>> look, Predicate<T> enough, Promise<T> done) {
    start(look)
        .onFailure(done::fail)
        .onSuccess(seen -> {
          if (holds(enough, seen, done)) {
            done.tryComplete(seen);
          } else if (!done.future().isComplete()) {
            after(pauseMillis, () -> look(pauseMillis, look, enough, done));
          }
        });
  }

  /** A question that throws fails the result: nobody would ask it again. */
  private static <S> boolean holds(Predicate<S> question, S subject, Promise<?> done) {
    try {
      return question.test(subject);
    } catch (RuntimeException | Error bug) {
      done.fail(bug);
      return false;
    }
  }

  /** What is thrown fails the attempt. */
  private static <T> Future<T> start(Supplier<Future<T>> attempt) {
    return Future.succeededFuture().compose(v -> attempt.get());
  }

  private void after(long pauseMillis, Runnable round) {
    if (pauseMillis == 0) {
      vertx.runOnContext(v -> round.run());
    } else {
      vertx.setTimer(pauseMillis, t -> round.run());
    }
  }
}
