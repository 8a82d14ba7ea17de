package dev.sagax.bench.ledger;

import dev.sagax.local.LedgerStores;
import dev.sagax.settle.LedgerRebuild;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./sagax ledger rebuild}. */
@Command(
    name = "rebuild",
    description = {
      "Builds a lost or doubted Redis anew from the journal, under a new epoch.",
      "The exchange may run or be stopped. Orders wait until the log is replayed; nothing is lost.",
      "A journal that is not what the audit has verified is refused before Redis is touched.",
      "If it is cut off, run it again."
    },
    mixinStandardHelpOptions = true)
final class LedgerRebuildCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StoreOptions stores;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why; kept with the epoch (default: ${DEFAULT-VALUE}).")
  private String reason = "An operator asked for it.";

  @Option(
      names = "--force",
      description =
          "The journal is right, though it is not what the audit has verified; what differs is kept with the reason.")
  private boolean journalIsRight;

  @Override
  public Integer call() {
    return stores.call(spec, this::rebuild);
  }

  private int rebuild(LedgerStores ledger) {
    PrintWriter out = spec.commandLine().getOut();
    long begin = System.nanoTime();
    LedgerRebuild.Rebuilt rebuilt =
        ledger.rebuild(
            "It was rebuilt and its log is replayed: " + reason,
            journalIsRight,
            stage -> print(stage, begin, out));
    out.printf(
        "%d rows of the journal were compared with what the audit has kept of them.%n",
        rebuilt.comparedRows());
    out.printf(
        "Rebuilt from %d journal entries under epoch %d. Orders are placed again once settle-svc has replayed the log.%n",
        rebuilt.proof().journalEntries(), rebuilt.epoch());
    return ExitCode.OK;
  }

  private static void print(LedgerRebuild.Stage stage, long begin, PrintWriter out) {
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    out.printf("%7d ms  %s%n", millis, stage.words);
    out.flush();
  }
}
