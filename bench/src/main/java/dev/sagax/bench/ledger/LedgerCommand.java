package dev.sagax.bench.ledger;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./sagax ledger}: how the ledger stands, and what an operator does about it. */
@Command(
    name = "ledger",
    description = {
      "Shows how the ledger stands and lets orders in again after a breach.",
      "Each command asks the exchange that ./sagax up runs here, unless --target says another."
    },
    mixinStandardHelpOptions = true,
    subcommands = {LedgerStateCommand.class, LedgerOpenCommand.class})
public final class LedgerCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: state or open.");
  }
}
