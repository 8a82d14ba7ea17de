package dev.sagax.local;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Starts processes again that have died, each after a pause that doubles with every death and is
 * short again once it has lived for a minute. On a thread of its own.
 */
final class Supervision implements AutoCloseable {
  private static final long LOOK_MILLIS = 100;
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;
  private static final long LONG_LIFE_MILLIS = 60_000;

  private final List<ServiceProcess> processes;
  private final Consumer<String> progress;
  private final Map<ServiceProcess, Care> care = new HashMap<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /** When a process began to live, and when to start it again. */
  private static final class Care {
    long begunMillis = now();
    long pauseMillis = FIRST_PAUSE_MILLIS;
    long dueMillis = -1;
  }

  Supervision(List<ServiceProcess> processes, Consumer<String> progress) {
    this.processes = List.copyOf(processes);
    this.progress = progress;
    this.processes.forEach(process -> care.put(process, new Care()));
    this.thread = Thread.ofPlatform().daemon().name("supervision").start(this::run);
  }

  private void run() {
    try {
      while (!closing.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        processes.forEach(process -> look(process, care.get(process)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(ServiceProcess process, Care care) {
    try {
      if (!process.hasDied()) {
        care.dueMillis = -1;
      } else if (care.dueMillis < 0) {
        schedule(process, care);
      } else if (now() >= care.dueMillis) {
        care.dueMillis = -1;
        care.begunMillis = now();
        process.begin(Map.of());
        progress.accept("%s runs again, as process %d".formatted(process, process.pid()));
      }
    } catch (RuntimeException e) {
      progress.accept("%s could not be started again: %s".formatted(process, e.getMessage()));
    }
  }

  private void schedule(ServiceProcess process, Care care) {
    if (now() - care.begunMillis > LONG_LIFE_MILLIS) {
      care.pauseMillis = FIRST_PAUSE_MILLIS;
    }
    care.dueMillis = now() + care.pauseMillis;
    progress.accept(
        "%s has died with exit code %d and is started again in %d ms; its log is %s"
            .formatted(process, process.exitCode(), care.pauseMillis, process.log()));
    care.pauseMillis = Math.min(care.pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }

  private static long now() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }

  /** From now on nothing is started; what is being started is waited for. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
