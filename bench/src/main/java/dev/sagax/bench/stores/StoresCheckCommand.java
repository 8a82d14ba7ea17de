package dev.sagax.bench.stores;

import dev.sagax.bench.client.DataOption;
import dev.sagax.local.StoreCheck;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.log.KafkaSettings;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./sagax stores check}. */
@Command(
    name = "check",
    description = {
      "Compares every number that PostgreSQL has given out, and every position that it has applied,",
      "with Kafka's topics. After a restore, ask it before any service is started.",
      "It reads only. Of a stopped exchange over --data, the servers are started for it.",
      "The exit code is 0 if they belong together, else 1."
    },
    mixinStandardHelpOptions = true)
final class StoresCheckCommand implements Callable<Integer> {
  private static final int SHOWN = 20;

  @Spec private CommandSpec spec;

  @Mixin private DataOption data;

  @ArgGroup(exclusive = false)
  private Addresses addresses;

  /** Stores that no data directory knows. */
  private static final class Addresses {
    @Option(
        names = "--postgres",
        paramLabel = "URI",
        required = true,
        description =
            "The PostgreSQL, in place of a data directory's, as the owner of all tables; with"
                + " sslmode and sslrootcert where it speaks TLS.")
    private String postgres;

    @Option(
        names = "--kafka",
        paramLabel = "HOST:PORT",
        required = true,
        description =
            "The brokers, likewise. How to log in to them is read from the environment, as the"
                + " services do: SAGAX_KAFKA_SECURITY_PROTOCOL, SAGAX_KAFKA_CA,"
                + " SAGAX_KAFKA_USERNAME, SAGAX_KAFKA_PASSWORD, ...")
    private String kafka;

    private StoreCheck open() {
      ServiceConfig environment = ServiceConfig.load(0, System.getenv(), null);
      return StoreCheck.at(postgres, new KafkaSettings(kafka, "", environment.security().kafka()));
    }
  }

  @Override
  public Integer call() {
    try (StoreCheck stores =
        addresses == null ? StoreCheck.of(data.directory()) : addresses.open()) {
      return print(stores.findings());
    } catch (IllegalStateException | IllegalArgumentException | KafkaException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.SOFTWARE;
    }
  }

  private int print(List<String> findings) {
    PrintWriter out = spec.commandLine().getOut();
    findings.stream().limit(SHOWN).forEach(out::println);
    if (findings.size() > SHOWN) {
      out.printf("... and %d more.%n", findings.size() - SHOWN);
    }
    out.println(
        findings.isEmpty()
            ? "PostgreSQL and Kafka belong together: services may be started."
            : "Start no service and rebuild no ledger: put back stores that belong together, see docs/operations.md.");
    out.flush();
    return findings.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
