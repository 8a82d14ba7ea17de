package dev.sagax.bench.ledger;

import dev.sagax.bench.client.DataOption;
import dev.sagax.local.LedgerStores;
import dev.sagax.settle.LedgerRefusedException;
import java.nio.file.Path;
import java.util.function.ToIntFunction;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Whose PostgreSQL and Redis a command works on. */
final class StoreOptions {
  @Mixin private DataOption data;

  @ArgGroup(exclusive = false)
  private Addresses addresses;

  /** Stores that no data directory knows. */
  private static final class Addresses {
    @Option(
        names = "--postgres",
        paramLabel = "URI",
        required = true,
        description = "The PostgreSQL with the journal, in place of a data directory's.")
    private String postgres;

    @Option(
        names = "--redis",
        paramLabel = "URI",
        required = true,
        description = "The Redis with the ledger, likewise.")
    private String redis;
  }

  /** The data directory, if its exchange runs; else null. */
  Path runningData() {
    Path directory = data.directory();
    return addresses == null && LedgerStores.isRunning(directory) ? directory : null;
  }

  /**
   * Does something with the stores. Those of a stopped exchange are started for it.
   *
   * @return the exit code; what goes wrong is told in a sentence
   */
  int call(CommandSpec spec, ToIntFunction<LedgerStores> work) {
    try (LedgerStores stores =
        addresses == null
            ? LedgerStores.of(data.directory())
            : LedgerStores.at(addresses.postgres, addresses.redis)) {
      return work.applyAsInt(stores);
    } catch (LedgerRefusedException | IllegalStateException | IllegalArgumentException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.SOFTWARE;
    } finally {
      spec.commandLine().getOut().flush();
    }
  }
}
