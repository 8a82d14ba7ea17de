package dev.sagax.bench.replay;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import dev.sagax.bench.client.Refusals;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Sends the instructions of one market, each after the one before is acknowledged. What is not
 * acknowledged is sent again under the same id, with growing pauses, until patience ends.
 */
final class MarketStream {
  private static final long FIRST_PAUSE_MILLIS = 20;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final List<Instruction> instructions;
  private final Function<Instruction, ListenableFuture<?>> send;
  private final Runnable onRetry;
  private final ScheduledExecutorService timer;
  private final Duration patience;
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  /**
   * @param send sends one instruction; the future ends with its acknowledgement
   * @param onRetry called before an instruction is sent again
   * @param patience how long one instruction may go without acknowledgement
   */
  MarketStream(
      List<Instruction> instructions,
      Function<Instruction, ListenableFuture<?>> send,
      Runnable onRetry,
      ScheduledExecutorService timer,
      Duration patience) {
    this.instructions = instructions;
    this.send = send;
    this.onRetry = onRetry;
    this.timer = timer;
    this.patience = patience;
  }

  /** Starts; ends when all are acknowledged, or with the sentence that says why not. */
  CompletableFuture<Void> start() {
    timer.execute(this::next);
    return done;
  }

  int acknowledged() {
    return acknowledged.get();
  }

  int retries() {
    return retries.get();
  }

  private void next() {
    int index = acknowledged.get();
    if (index == instructions.size()) {
      done.complete(null);
    } else {
      attempt(instructions.get(index), System.nanoTime(), FIRST_PAUSE_MILLIS);
    }
  }

  private void attempt(Instruction instruction, long firstNanos, long pauseMillis) {
    Futures.addCallback(
        send.apply(instruction),
        new FutureCallback<Object>() {
          @Override
          public void onSuccess(Object reply) {
            acknowledged.incrementAndGet();
            next();
          }

          @Override
          public void onFailure(Throwable failure) {
            failed(instruction, failure, firstNanos, pauseMillis);
          }
        },
        timer);
  }

  private void failed(
      Instruction instruction, Throwable failure, long firstNanos, long pauseMillis) {
    boolean patient = System.nanoTime() - firstNanos < patience.toNanos();
    if (Refusals.isTransient(failure) && patient) {
      retries.incrementAndGet();
      onRetry.run();
      timer.schedule(
          () -> attempt(instruction, firstNanos, Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS)),
          pauseMillis,
          TimeUnit.MILLISECONDS);
    } else {
      done.completeExceptionally(
          new ReplayFailedException(
              "Line %d (%s %s): %s%s"
                  .formatted(
                      instruction.line(),
                      instruction.market(),
                      instruction.clientOrderId(),
                      Refusals.describe(failure),
                      patient ? "." : ", for %d s.".formatted(patience.toSeconds()))));
    }
  }
}
