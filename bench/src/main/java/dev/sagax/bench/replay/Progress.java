package dev.sagax.bench.replay;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** How far a replay is: a bar on a terminal, a line every few seconds elsewhere. */
final class Progress {
  private static final int BAR_WIDTH = 30;
  private static final long LINE_EVERY_MILLIS = 5_000;

  private final PrintWriter out;
  private final boolean terminal;
  private final long total;
  private final long startNanos = System.nanoTime();
  private long lastLineMillis;

  Progress(PrintWriter out, boolean terminal, long total) {
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

  void show(long count, int retries) {
    long millis = millis();
    if (terminal) {
      out.print("\r" + line(count, retries, millis) + "  ");
      out.flush();
    } else if (millis - lastLineMillis >= LINE_EVERY_MILLIS) {
      lastLineMillis = millis;
      out.println(line(count, retries, millis));
      out.flush();
    }
  }

  void finish(long count, int retries) {
    out.println((terminal ? "\r" : "") + line(count, retries, millis()) + "  ");
    out.flush();
  }

  private long millis() {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
  }

  private String line(long count, int retries, long millis) {
    long perSecond = count * 1_000 / millis;
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
