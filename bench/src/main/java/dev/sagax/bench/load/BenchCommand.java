package dev.sagax.bench.load;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.money.Markets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./sagax bench}: a fresh exchange in a process of its own under load from this one. */
@Command(
    name = "bench",
    description = {
      "Measures settled orders per second, latency and CPU per order on a fresh exchange.",
      "Exit code 0 if no call failed, every order was settled and the audit is clean. Whether the"
          + " figures count (60 s, 1,000 accounts and so on) is told besides, criterion by"
          + " criterion, and is the field `counts` of the JSON."
    },
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Orders a second, open loop (default: ${DEFAULT-VALUE}). 0: closed loop.")
  private int rate = 2_000;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description = "Calls in flight in a closed loop (default: ${DEFAULT-VALUE}).")
  private int inFlight = 256;

  @Option(names = "--seconds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int seconds = 60;

  @Option(
      names = "--warmup",
      paramLabel = "ORDERS",
      description = "Orders before the measured window (default: ${DEFAULT-VALUE}).")
  private int warmup = 150_000;

  @Option(names = "--accounts", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int accounts = 1_000;

  @Option(names = "--seed", paramLabel = "S", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = 42;

  @Option(
      names = "--markets",
      paramLabel = "FILE",
      description = "Assets and markets, all of which get orders; by default four of its own.")
  private Path markets;

  @Option(
      names = "--set",
      hidden = true,
      paramLabel = "SETTING=VALUE",
      description = "A setting of the exchange's services, to measure what it costs.")
  private Map<String, String> settings = Map.of();

  @Option(names = "--json", description = "Prints the result as JSON on standard output.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (rate < 0 || inFlight < 1 || seconds < 1 || warmup < 0 || accounts < 2) {
      return misused(
          "--in-flight and --seconds must be 1 or more, --accounts 2 or more, --rate and --warmup"
              + " not negative.");
    }
    try (RunDirectory temporary = RunDirectory.make()) {
      Path file = markets == null ? ownMarkets(temporary.path()) : markets;
      return run(plan(file), file, temporary);
    } catch (IllegalArgumentException e) {
      return misused(e.getMessage());
    }
  }

  private int misused(String sentence) {
    spec.commandLine().getErr().println(sentence);
    return ExitCode.USAGE;
  }

  private static Path ownMarkets(Path directory) throws IOException {
    Path file = directory.resolve("markets.yaml");
    try (InputStream in = BenchCommand.class.getResourceAsStream("/bench-markets.yaml")) {
      Files.copy(in, file);
    }
    return file;
  }

  private LoadRun.Plan plan(Path file) {
    Markets all = Markets.load(file, LocalExchange.PARTITIONS);
    List<FlowMarket> used = all.markets().stream().map(FlowMarket::of).toList();
    if (used.isEmpty()) {
      throw new IllegalArgumentException("The markets file " + file + " has no market.");
    }
    return new LoadRun.Plan(
        used,
        Funds.perAccount(all, used, accounts),
        accounts,
        seed,
        warmup,
        rate,
        inFlight,
        seconds);
  }

  private int run(LoadRun.Plan plan, Path file, RunDirectory temporary)
      throws IOException, InterruptedException {
    say("Starting a fresh exchange in " + temporary.path());
    ExchangeProcess exchange = temporary.startExchange(file.toAbsolutePath(), settings);
    try (ExchangeClient client = new ExchangeClient(exchange)) {
      BenchReport report = new LoadRun(plan, exchange, client, this::say).run();
      spec.commandLine().getOut().println(json ? report.toJson() : report.toText());
      if (json) {
        say(report.verdict());
      }
      return report.worked() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  /** Standard output is for the result. */
  private void say(String line) {
    spec.commandLine().getErr().println(line);
  }
}
