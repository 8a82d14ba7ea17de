package dev.sagax.local.e2e;

import dev.sagax.local.UpCommand;
import picocli.CommandLine;

/** {@code ./sagax up}, without the commands around it. */
final class UpProcess {
  private UpProcess() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new UpCommand()).execute(arguments));
  }
}
