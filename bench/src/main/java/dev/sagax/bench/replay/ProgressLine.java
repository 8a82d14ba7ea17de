package dev.sagax.bench.replay;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How far a replay is: a bar on a terminal, a line every few seconds elsewhere. */
final class ProgressLine implements Progress {
  private static final int BAR_WIDTH = 30;
  private static final long LINE_EVERY_MILLIS = 5_000;

  /** The rate that predicts the end is that of about this long. */
  private static final double SMOOTHED_OVER_MILLIS = 10_000;

  private final PrintWriter out;
  private final boolean terminal;
  private final long total;
  private final long startNanos = System.nanoTime();
  private long lastLineMillis;
  private long lastMillis;
  private long lastCount;
  private double perMilli;

  ProgressLine(PrintWriter out, boolean terminal, long total) {
    this.out = out;
    this.terminal = terminal;
    this.total = total;
  }

  /** Whether standard output is a terminal. */
  static boolean onTerminal() {
    Path standardOutput = Path.of("/proc/self/fd/1");
    try {
      String device = Files.readSymbolicLink(standardOutput).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException notLinux) {
      return System.console() != null;
    }
  }

  @Override
  public void show(long count, int retries) {
    long millis = millis();
    observe(count, millis);
    if (terminal) {
      out.print("\r" + line(count, retries, millis, perMilli) + "  ");
      out.flush();
    } else if (millis - lastLineMillis >= LINE_EVERY_MILLIS) {
      lastLineMillis = millis;
      out.println(line(count, retries, millis, perMilli));
      out.flush();
    }
  }

  @Override
  public void finish(long count, int retries) {
    long millis = millis();
    String line = line(count, retries, millis, (double) count / millis);
    out.println((terminal ? "\r" : "") + line + "  ");
    out.flush();
  }

  /** Moves the rate towards that of the time since the last look. */
  private void observe(long count, long millis) {
    long passed = millis - lastMillis;
    if (passed > 0) {
      double since = (double) (count - lastCount) / passed;
      double weight = lastMillis == 0 ? 1 : 1 - Math.exp(-passed / SMOOTHED_OVER_MILLIS);
      perMilli += weight * (since - perMilli);
      lastMillis = millis;
      lastCount = count;
    }
  }

  private long millis() {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
  }

  private String line(long count, int retries, long millis, double rate) {
    long perSecond = Math.round(rate * 1_000);
    int filled = (int) (BAR_WIDTH * count / total);
    String bar = terminal ? "[" + "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled) + "] " : "";
    String left =
        count == total || perSecond == 0
            ? "%.1f s".formatted(millis / 1_000.0)
            : "%d s left".formatted((total - count) / perSecond + 1);
    return String.format(
        Locale.ROOT,
        "  %s%3d %%  %,d of %,d acknowledged  %,d/s  %s%s",
        bar,
        100 * count / total,
        count,
        total,
        perSecond,
        left,
        retries == 0 ? "" : "  %d sent again".formatted(retries));
  }
}
