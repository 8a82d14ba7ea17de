package dev.sagax.bench;

import java.nio.file.Path;

/** Sends the log to a file, because the terminal belongs to the command. */
final class LogFile {
  private LogFile() {}

  /**
   * To be called before the first logger is made. An own configuration given to the JVM stays in
   * force.
   */
  static void use() {
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "logback-local.xml");
      String name = "sagax-" + ProcessHandle.current().pid() + ".log";
      System.setProperty(
          "sagax.log", Path.of(System.getProperty("java.io.tmpdir"), name).toString());
    }
  }
}
