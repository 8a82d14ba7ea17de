package dev.sagax.platform.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a process writes its log, which goes to its standard error. */
public enum LogFormat {
  /** {@link #TEXT} on a terminal, {@link #JSON} elsewhere. */
  AUTO,
  /** An object a line, for programs. */
  JSON,
  /** Lines for people. */
  TEXT;

  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  static Optional<LogFormat> of(String word) {
    return Arrays.stream(values()).filter(format -> format.word().equals(word)).findFirst();
  }

  /** "json" */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Makes the log that nobody has written to yet be of this format; logback.xml reads the
   * properties that it sets.
   *
   * @param service what every line of JSON says that it is of
   * @param instance which replica; "" if it has no name
   */
  void use(String service, String instance) {
    LogFormat used = this != AUTO ? this : isTerminal() ? TEXT : JSON;
    System.setProperty("sagax.log.format", used.word());
    System.setProperty("sagax.log.service", service);
    System.setProperty("sagax.log.instance", instance);
  }

  private static boolean isTerminal() {
    try {
      String device = Files.readSymbolicLink(STANDARD_ERROR).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException noSuchLink) {
      return false;
    }
  }
}
