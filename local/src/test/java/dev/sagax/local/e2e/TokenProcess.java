package dev.sagax.local.e2e;

import dev.sagax.local.TokenCommand;
import picocli.CommandLine;

/** {@code ./sagax token}, without the commands around it. */
final class TokenProcess {
  private TokenProcess() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new TokenCommand()).execute(arguments));
  }
}
