package dev.sagax.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sends the log to a file, because the terminal belongs to the command. */
final class LogFile {
  private static final String PROPERTY = "sagax.log";

  private static final Path TEMPORARY =
      Path.of(
          System.getProperty("java.io.tmpdir"), "sagax-" + ProcessHandle.current().pid() + ".log");

  private LogFile() {}

  /**
   * To be called before the first logger is made. A command may name another file before its first
   * log line; an own configuration given to the JVM stays in force.
   */
  static void use() {
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "logback-local.xml");
      System.setProperty(PROPERTY, TEMPORARY.toString());
    }
  }

  /** After a command went well its temporary log goes; after one that failed the user is told. */
  static void close(int exitCode) {
    String file = System.getProperty(PROPERTY);
    if (file == null || Files.notExists(Path.of(file))) {
      return;
    }
    if (exitCode != 0) {
      System.err.println("The log is " + file);
    } else if (file.equals(TEMPORARY.toString())) {
      delete();
    }
  }

  private static void delete() {
    try {
      Files.delete(TEMPORARY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
