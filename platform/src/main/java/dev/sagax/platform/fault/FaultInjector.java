package dev.sagax.platform.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the faults that one service was told to make, each once. A point where none is planned
 * costs one read of memory. Safe for use by several threads.
 */
public final class FaultInjector {
  private static final Logger LOG = LoggerFactory.getLogger(FaultInjector.class);
  private static final double MILLIS_A_SECOND = 1_000;

  private final String file;
  private final AtomicReferenceArray<Armed> armed =
      new AtomicReferenceArray<>(FaultPoint.values().length);

  private record Armed(PlannedFault fault, AtomicInteger passages) {}

  /**
   * @param file gets a line for every fault before it is made; "" for none
   */
  public FaultInjector(List<PlannedFault> faults, String file) {
    this.file = file;
    faults.forEach(this::arm);
  }

  /** One that makes no fault until it is told to. */
  public static FaultInjector idle() {
    return new FaultInjector(List.of(), "");
  }

  /** Plans one more fault, in the place of one that is planned for its point. */
  public void arm(PlannedFault fault) {
    LOG.warn("A fault will be made: {}", fault);
    armed.set(fault.point().ordinal(), new Armed(fault, new AtomicInteger()));
  }

  /** Plans these faults and no others; what is planned anew is counted from its first passage. */
  public synchronized void replace(List<PlannedFault> faults) {
    for (FaultPoint point : FaultPoint.values()) {
      armed.set(point.ordinal(), null);
    }
    faults.forEach(this::arm);
  }

  /** Whether a fault is planned here and not made yet. */
  public boolean isArmed(FaultPoint point) {
    return armed.get(point.ordinal()) != null;
  }

  /**
   * Passes a point, where the fault that is planned for it may be made.
   *
   * @param work records or calls that are under way; a passage without any does not count
   * @throws FaultInjectedException if that is the fault
   */
  public void pass(FaultPoint point, int work) {
    Armed here = armed.get(point.ordinal());
    if (here == null || work < 1) {
      return;
    }
    if (here.passages().incrementAndGet() == here.fault().passage()
        && armed.compareAndSet(point.ordinal(), here, null)) {
      note(here.fault(), work);
      make(here.fault());
    }
  }

  private void note(PlannedFault fault, int work) {
    String line =
        "%s %s passage=%d work=%d pid=%d at=%d"
            .formatted(
                fault.point(),
                fault.action(),
                fault.passage(),
                work,
                ProcessHandle.current().pid(),
                System.currentTimeMillis());
    LOG.warn("A fault is made: {}", line);
    if (!file.isEmpty()) {
      append(line);
    }
  }

  private void append(String line) {
    try {
      Files.write(
          Path.of(file),
          (line + "\n").getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to faults.log: " + e.getMessage(), e);
    }
  }

  private static void make(PlannedFault fault) {
    switch (fault.action()) {
      case FaultAction.Kill kill -> shell("kill -KILL %d".formatted(ownPid()));
      case FaultAction.Throw thrown -> throw new FaultInjectedException(fault.point());
      case FaultAction.Pause pause -> standStill(pause.millis());
    }
  }

  /** A process cannot wake itself, so a child stops it and lets it go on. */
  private static void standStill(long millis) {
    shell(
        String.format(
            Locale.ROOT,
            "kill -STOP %d; sleep %.3f; kill -CONT %d",
            ownPid(),
            millis / MILLIS_A_SECOND,
            ownPid()));
  }

  private static long ownPid() {
    return ProcessHandle.current().pid();
  }

  /**
   * Lets a child send signals to this process, and waits for it. Runtime.halt would be no SIGKILL:
   * a JVM that was told to archive its classes first does so for seconds, while its other threads
   * go on.
   */
  private static void shell(String script) {
    try {
      new ProcessBuilder("sh", "-c", script)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("This process cannot be signalled: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
