package dev.sagax.bench.ledger;

import dev.sagax.bench.client.OperatorOptions;
import dev.sagax.bench.client.Session;
import dev.sagax.proto.ledger.v1.GetLedgerStateRequest;
import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerState;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./sagax ledger state}. */
@Command(
    name = "state",
    description = {
      "Shows whether the ledger takes orders, why not, and when it was last verified.",
      "The exit code is 0 if it takes orders, else 1."
    },
    mixinStandardHelpOptions = true)
final class LedgerStateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OperatorOptions operator;

  @Override
  public Integer call() {
    return operator.call(spec, this::show);
  }

  private int show(Session session) {
    LedgerState state =
        session.ledger().getLedgerState(GetLedgerStateRequest.getDefaultInstance()).getState();
    StateWords.print(state, spec.commandLine().getOut());
    return state.getMode() == LedgerMode.LEDGER_MODE_OPEN ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
