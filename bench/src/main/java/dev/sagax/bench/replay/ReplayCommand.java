package dev.sagax.bench.replay;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.RunningExchange;
import dev.sagax.bench.client.TargetExchange;
import dev.sagax.bench.client.Targets;
import dev.sagax.bench.client.TemporaryExchange;
import dev.sagax.bench.client.TlsOptions;
import dev.sagax.bench.client.TokenFile;
import dev.sagax.bench.client.TokenSource;
import dev.sagax.local.LocalExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./sagax replay}: recorded order flow through gRPC, and what became of it. */
@Command(
    name = "replay",
    description = {
      "Replays recorded order flow and compares trades and book with what was recorded.",
      "Starts a fresh temporary exchange unless --target says where one listens. POST_ONLY orders"
          + " belong to the account replay-maker, IOC orders to replay-taker; both are funded by"
          + " deposits. Repeating a replay changes nothing. Exit code 0 only if all is equal and"
          + " every asset conserved."
    },
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  private static final Path DEFAULT_KEY = Path.of(".sagax", LocalExchange.KEY_FILE);

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "ORDERS.csv",
      description =
          "time,market,action,client_order_id,side,type,time_in_force,price,quantity; action PLACE"
              + " or CANCEL, type LIMIT, time_in_force POST_ONLY or IOC.")
  private Path orders;

  @Option(
      names = "--markets",
      paramLabel = "FILE",
      description =
          "Assets and markets of the temporary exchange; by default markets.yaml beside ORDERS.csv,"
              + " else one that fits the recorded data of 17 April 2021.")
  private Path markets;

  @Option(
      names = "--target",
      paramLabel = "HOST",
      description =
          "An exchange that runs already: a host with the ports 9101 to 9104, or"
              + " order=H:P,match=H:P,settle=H:P,asset=H:P.")
  private String target;

  @Mixin private TlsOptions tls;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "For --target: tokens of replay-maker and replay-taker (read,trade) and of an operator,"
              + " one a line, or the key that signs tokens (default: .sagax/"
              + LocalExchange.KEY_FILE
              + ").")
  private Path tokenFile;

  @Option(
      names = "--expect-trades",
      paramLabel = "FILE",
      description = "time,market,taker_side,price,quantity,maker_client_order_id")
  private Path expectTrades;

  @Option(names = "--expect-book", paramLabel = "FILE", description = "market,side,price,quantity")
  private Path expectBook;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N instructions.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      description =
          "How long one instruction may go without acknowledgement (default: ${DEFAULT-VALUE}).")
  private int patienceSeconds = 120;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (target == null && tls.isGiven()) {
        throw new IllegalArgumentException("--ca and --authority are for --target: say it too.");
      }
      if (limit < 1 || patienceSeconds < 1) {
        throw new IllegalArgumentException("--limit and --patience must be 1 or more.");
      }
      OrderFile file = OrderFile.read(orders, limit);
      Report report =
          new Report(
              out,
              file,
              expectTrades == null ? null : RecordedTrade.read(expectTrades),
              expectBook == null ? null : BookSide.read(expectBook));
      report.opening();
      try (RunningExchange exchange = exchange(out);
          ExchangeClient client = new ExchangeClient(exchange)) {
        return run(new Replay(file, client, Duration.ofSeconds(patienceSeconds)), file, report)
            ? ExitCode.OK
            : ExitCode.SOFTWARE;
      }
    } catch (RecordingException | IllegalArgumentException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    } catch (ReplayFailedException | IllegalStateException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.SOFTWARE;
    } finally {
      out.flush();
    }
  }

  private static boolean run(Replay replay, OrderFile file, Report report)
      throws InterruptedException {
    report.funded(replay.fund(replay.markets()));
    Replay.Snapshot before = replay.snapshot();
    replay.send(report.progress(file.instructions().size()));
    replay.awaitSettled();
    return report.closing(before, replay.snapshot(), replay.audit());
  }

  private RunningExchange exchange(PrintWriter out) {
    if (target != null) {
      return new TargetExchange(Targets.parse(target), tls.transport(), tokens());
    }
    out.println("Starting a temporary exchange");
    out.flush();
    Path file = markets != null ? markets : markets();
    return TemporaryExchange.start(file, line -> progress(out, line));
  }

  private static void progress(PrintWriter out, String line) {
    out.println("  " + line);
    out.flush();
  }

  private TokenSource tokens() {
    if (tokenFile == null && Files.notExists(DEFAULT_KEY)) {
      throw new IllegalArgumentException(
          "There is no %s here: say with --token-file who may act for replay-maker, replay-taker and an operator."
              .formatted(DEFAULT_KEY));
    }
    return TokenFile.read(tokenFile == null ? DEFAULT_KEY : tokenFile);
  }

  /** markets.yaml beside the order file, else the one that fits the recorded data. */
  private Path markets() {
    Path beside = orders.toAbsolutePath().resolveSibling("markets.yaml");
    if (Files.exists(beside)) {
      return beside;
    }
    try (InputStream in = ReplayCommand.class.getResourceAsStream("recorded-markets.yaml")) {
      Path copy = Files.createTempFile("sagax-markets-", ".yaml");
      copy.toFile().deleteOnExit();
      Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
