package dev.sagax.bench.dlq;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./sagax dlq}: lists and shows dead letters, sends them again, throws them away. */
@Command(
    name = "dlq",
    description = {
      "Looks at dead letters (records that no step could process) and decides about them.",
      "Each command asks the exchange that ./sagax up runs here, unless --target says another."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      DlqListCommand.class,
      DlqShowCommand.class,
      DlqReplayCommand.class,
      DlqDiscardCommand.class
    })
public final class DlqCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: list, show, replay or discard.");
  }
}
