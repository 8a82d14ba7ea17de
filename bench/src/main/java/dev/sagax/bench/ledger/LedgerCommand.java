package dev.sagax.bench.ledger;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./sagax ledger}: how the ledger stands, and what an operator does about it. */
@Command(
    name = "ledger",
    description = {
      "Shows how the ledger stands, compares it with its journal, rebuilds it from there, and lets",
      "orders in again after a breach."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      LedgerStateCommand.class,
      LedgerVerifyCommand.class,
      LedgerRebuildCommand.class,
      LedgerOpenCommand.class
    })
public final class LedgerCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: state, verify, rebuild or open.");
  }
}
