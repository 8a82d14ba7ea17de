package dev.sagax.bench.partition;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./sagax partition}: shows the services' partitions and lets a stopped one go on. */
@Command(
    name = "partition",
    description = {
      "Shows how the services' partitions are, and lets a stopped one go on.",
      "Each command asks the exchange that ./sagax up runs here, unless --target says another."
    },
    mixinStandardHelpOptions = true,
    subcommands = {PartitionListCommand.class, PartitionResumeCommand.class})
public final class PartitionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: list or resume.");
  }
}
