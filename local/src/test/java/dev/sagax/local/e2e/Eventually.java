package dev.sagax.local.e2e;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Repeats an assertion until it passes, instead of sleeping for a guessed time. */
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private Eventually() {}

  /** As {@link #passes(Duration, Runnable)}, for thirty seconds. */
  public static void passes(Runnable assertion) {
    passes(PATIENCE, assertion);
  }

  /**
   * Repeats the assertion, also after a call that failed; its last failure is thrown when time is
   * up.
   */
  public static void passes(Duration patience, Runnable assertion) {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError | StatusRuntimeException notYet) {
        if (System.nanoTime() > end) {
          throw notYet;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }

  /**
   * The answer of a call that is asked again after UNAVAILABLE, as that says; the call must be one
   * that may be repeated.
   */
  static <T> T answered(Duration patience, Supplier<T> call) {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return call.get();
      } catch (StatusRuntimeException failure) {
        if (failure.getStatus().getCode() != Code.UNAVAILABLE || System.nanoTime() > end) {
          throw failure;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
    }
  }
}
