package dev.sagax.bench.stores;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./sagax stores}: what an operator asks of PostgreSQL and Kafka together. */
@Command(
    name = "stores",
    description = "Says whether PostgreSQL and Kafka belong together, before services are started.",
    mixinStandardHelpOptions = true,
    subcommands = StoresCheckCommand.class)
public final class StoresCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: check.");
  }
}
