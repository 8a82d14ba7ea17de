package dev.sagax.bench;

import dev.sagax.bench.chaos.ChaosCommand;
import dev.sagax.bench.demo.DemoCommand;
import dev.sagax.bench.dlq.DlqCommand;
import dev.sagax.bench.ledger.LedgerCommand;
import dev.sagax.bench.load.BenchCommand;
import dev.sagax.bench.partition.PartitionCommand;
import dev.sagax.bench.replay.ReplayCommand;
import dev.sagax.bench.saga.SagaCommand;
import dev.sagax.bench.stores.StoresCommand;
import dev.sagax.local.TokenCommand;
import dev.sagax.local.UpCommand;
import dev.sagax.local.infra.InfrastructureException;
import dev.sagax.platform.boot.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParseResult;

/**
 * The root of the commands. A new one is a class with {@code @Command} that is listed here, and in
 * the script's own list and help.
 */
@Command(
    name = "sagax",
    description = "An event-driven crypto-asset exchange backend.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      UpCommand.class,
      DemoCommand.class,
      ReplayCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
      SagaCommand.class,
      DlqCommand.class,
      LedgerCommand.class,
      PartitionCommand.class,
      StoresCommand.class,
      TokenCommand.class,
      VersionCommand.class,
      HelpCommand.class
    })
public final class Sagax {
  private Sagax() {}

  public static void main(String[] arguments) {
    LogFile.use();
    int exitCode = commandLine().execute(arguments);
    LogFile.close(exitCode);
    System.exit(exitCode);
  }

  /** Every subcommand gets {@code --help}. Exit codes: 0 well, 1 failed, 2 misused. */
  static CommandLine commandLine() {
    CommandLine root = new CommandLine(new Sagax());
    root.setUsageHelpWidth(100);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setExecutionExceptionHandler(Sagax::report);
    return root;
  }

  /** What a person can mend is told in a sentence; anything else with its stack trace. */
  private static int report(Exception e, CommandLine command, ParseResult parsed) throws Exception {
    if (e instanceof InfrastructureException) {
      command.getErr().println(e.getMessage());
      return 1;
    }
    throw e;
  }
}
