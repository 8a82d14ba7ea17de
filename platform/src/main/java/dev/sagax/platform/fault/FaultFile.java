package dev.sagax.platform.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans the faults that a file asks for, again whenever it changes: {@code POINT=ACTION[@N]},
 * separated by commas, in the place of all that are planned. So a process that runs can be told to
 * make one, and told otherwise. A file that is not there asks for nothing. On a thread of its own.
 */
public final class FaultFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FaultFile.class);
  private static final long LOOK_MILLIS = 50;

  private final Path file;
  private final FaultInjector faults;
  private final Thread thread;
  private String seen = "";

  private FaultFile(Path file, FaultInjector faults) {
    this.file = file;
    this.faults = faults;
    this.thread = Thread.ofPlatform().daemon().name("faults").unstarted(this::run);
  }

  /** Looks at the file until it is closed. */
  public static FaultFile watch(Path file, FaultInjector faults) {
    FaultFile watching = new FaultFile(file, faults);
    watching.thread.start();
    return watching;
  }

  private void run() {
    try {
      while (true) {
        look();
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      String text = Files.exists(file) ? Files.readString(file).strip() : "";
      if (!text.equals(seen)) {
        seen = text;
        faults.replace(PlannedFault.parseAll(text));
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("The faults of {} are not planned: {}", file, e.getMessage());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
