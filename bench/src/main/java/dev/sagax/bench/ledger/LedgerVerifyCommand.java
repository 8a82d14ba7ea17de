package dev.sagax.bench.ledger;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.Refusals;
import dev.sagax.bench.client.Targets;
import dev.sagax.bench.client.TokenFile;
import dev.sagax.local.Endpoints;
import dev.sagax.local.LedgerStores;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.settle.AuditReport;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./sagax ledger verify}. */
@Command(
    name = "verify",
    description = {
      "Folds the journal in PostgreSQL and compares it with Redis, to the last unit.",
      "A running exchange does it itself, unless its Redis is so damaged that it refuses to use it.",
      "Of a stopped one, PostgreSQL and Redis are started for it.",
      "The exit code is 0 if they are equal, else 1."
    },
    mixinStandardHelpOptions = true)
final class LedgerVerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions stores;

  @Override
  public Integer call() {
    Path running = stores.runningData();
    return running == null
        ? stores.call(spec, this::compare)
        : stores.call(spec, ledger -> ledger.doubt().isPresent() ? compare(ledger) : ask(running));
  }

  private int compare(LedgerStores ledger) {
    out().println("Folding the journal");
    out().flush();
    AuditReport report = ledger.verify();
    return exitCode(
        Comparison.print(
            report.figures().stream()
                .map(f ->
                    new Comparison.Figures(
                        f.asset(),
                        f.supply().toString(),
                        f.available().toString(),
                        f.held().toString(),
                        f.fees().toString()))
                .toList(),
            report.journalEntries(),
            report.findings(),
            out()));
  }

  private int ask(Path data) {
    out().println("Asking the exchange that runs over " + data);
    out().flush();
    Endpoints endpoints = Endpoints.read(data);
    try (ExchangeClient client =
        new ExchangeClient(Targets.of(endpoints), TokenFile.read(endpoints.keyFile()))) {
      AuditResponse audit =
          client
              .as("operator", Set.of(Scope.OPERATOR))
              .longCalls()
              .audit(AuditRequest.getDefaultInstance());
      return exitCode(print(audit));
    } catch (StatusRuntimeException e) {
      spec.commandLine().getErr().println(Refusals.describe(e));
      return ExitCode.SOFTWARE;
    }
  }

  private boolean print(AuditResponse audit) {
    return Comparison.print(
        audit.getAssetsList().stream()
            .map(a ->
                new Comparison.Figures(
                    a.getAsset(),
                    Long.toString(a.getSupplyUnits()),
                    Long.toString(a.getAvailableUnits()),
                    Long.toString(a.getHeldUnits()),
                    Long.toString(a.getFeeUnits())))
            .toList(),
        audit.getJournalEntries(),
        audit.getFindingsList(),
        out());
  }

  private static int exitCode(boolean equal) {
    return equal ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
