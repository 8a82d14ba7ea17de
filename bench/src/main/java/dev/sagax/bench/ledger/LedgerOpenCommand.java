package dev.sagax.bench.ledger;

import dev.sagax.bench.client.OperatorOptions;
import dev.sagax.bench.client.Session;
import dev.sagax.proto.ledger.v1.LedgerState;
import dev.sagax.proto.ledger.v1.OpenLedgerRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./sagax ledger open}. */
@Command(
    name = "open",
    description = {
      "Audits the whole ledger and lets orders in again if every invariant holds.",
      "If one does not, the first offender is named and the ledger stays as it is."
    },
    mixinStandardHelpOptions = true)
final class LedgerOpenCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OperatorOptions operator;

  @Override
  public Integer call() {
    return operator.call(spec, this::open);
  }

  private int open(Session session) {
    spec.commandLine().getOut().println("Auditing the whole ledger");
    spec.commandLine().getOut().flush();
    LedgerState state =
        session.longCalls().openLedger(OpenLedgerRequest.getDefaultInstance()).getState();
    StateWords.print(state, spec.commandLine().getOut());
    return ExitCode.OK;
  }
}
