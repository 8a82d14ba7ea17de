package dev.sagax.bench.demo;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.TemporaryExchange;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./sagax demo}: a fresh exchange, one order of every kind, every figure checked. */
@Command(
    name = "demo",
    description = {
      "Shows real orders being held, matched, settled and completed.",
      "Starts a fresh temporary exchange with real Kafka, Redis and PostgreSQL. Exit code 0 only if"
          + " every figure is as expected and every asset conserved."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--markets",
      paramLabel = "FILE",
      description =
          "Assets and markets instead of the built-in ones. The demo trades "
              + Demo.MARKET
              + ", which must be there with the built-in rules.")
  private Path markets;

  @Override
  public Integer call() {
    try {
      if (markets != null) {
        DemoMarket.check(markets);
      }
    } catch (IllegalArgumentException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    }
    return show();
  }

  private int show() {
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    out.println("Starting a fresh exchange: four services, Kafka, Redis and PostgreSQL");
    out.flush();
    try (TemporaryExchange exchange =
            TemporaryExchange.start(
                markets,
                line -> {
                  out.println("  " + line);
                  out.flush();
                });
        ExchangeClient client = new ExchangeClient(exchange)) {
      Tape tape = new Tape(out);
      Accident accident = new Accident(exchange.redisUri(), DemoMarket.partition(markets));
      new Demo(client, accident, tape).run();
      tape.close(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
      return tape.allAsExpected() ? ExitCode.OK : ExitCode.SOFTWARE;
    } catch (StatusRuntimeException | IllegalStateException e) {
      out.flush();
      spec.commandLine().getErr().println("The demo cannot go on: " + e.getMessage());
      return ExitCode.SOFTWARE;
    }
  }
}
