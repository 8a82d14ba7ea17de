package dev.sagax.bench.chaos;

import dev.sagax.platform.fault.FaultPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./sagax chaos}: breaks a running exchange in every way and checks it. */
@Command(
    name = "chaos",
    description = {
      "Runs the whole exchange as separate processes under load, makes faults, and checks after"
          + " each of them that nothing was lost, doubled or left behind. Exit code 0 if all held"
          + " and at least one fault hit."
    },
    mixinStandardHelpOptions = true)
public final class ChaosCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "How long (default: ${DEFAULT-VALUE}).")
  private double minutes = 10;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description =
          "Draws the same faults and clients again (default: a new one, which is printed).")
  private Long seed;

  @Option(
      names = "--only",
      paramLabel = "FAULT",
      split = ",",
      description =
          "Only such faults: TARGET=ACTION, or all of a TARGET, e.g. order-step.before-commit or"
              + " redis=kill.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--matrix",
      description =
          "Kills at every fault point and makes a zombie at every fault point, each once.")
  private boolean matrix;

  @Option(
      names = "--part",
      paramLabel = "K/N",
      description = "Of the matrix, only part K of N (default: ${DEFAULT-VALUE}).")
  private String part = "1/1";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Keeps the results of the matrix; a run with the same directory goes on where it was.")
  private Path out;

  @Option(
      names = "--outage",
      paramLabel = "SERVER",
      description = "Only one thing: kafka, redis or postgres is away for a time.")
  private String outage;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long it is away (default: ${DEFAULT-VALUE}).")
  private int seconds = 60;

  @Option(
      names = "--roll",
      description =
          "Only one thing: every process is stopped and started again, one by one, then each is"
              + " killed and started again. Clients may see nothing but UNAVAILABLE, and each"
              + " process has 10 s to recover.")
  private boolean roll;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description = "Processes of each service (default: ${DEFAULT-VALUE}).")
  private int replicas = 2;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Wishes of clients per second (default: ${DEFAULT-VALUE}).")
  private int rate = 100;

  @Option(names = "--accounts", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int accounts = 40;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Writes the run for the docs: its command, its totals and its table.")
  private Path markdown;

  /** Between them a cell is only looked at quickly: is all quiet, were clients told the truth? */
  private static final int CELLS_PER_AUDIT = 10;

  /** Of a roll, between two processes. */
  private static final Duration REST = Duration.ofSeconds(5);

  private long startNanos;
  private Thread interrupted;
  private volatile Path kept;
  private volatile boolean concluded;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (minutes <= 0 || replicas < 1 || rate < 10 || accounts < 10 || seconds < 1) {
      return misused(
          "--minutes must be above 0, --replicas and --seconds 1 or more, --rate and --accounts 10"
              + " or more.");
    }
    startNanos = System.nanoTime();
    long drawn = seed == null ? ThreadLocalRandom.current().nextLong(1, 1_000_000_000) : seed;
    try {
      return run(drawn);
    } catch (IllegalArgumentException e) {
      return misused(e.getMessage());
    } finally {
      concluded = true;
    }
  }

  private int run(long drawn) throws IOException, InterruptedException {
    if (outage != null) {
      return runOutage(Backend.ofText(outage), drawn);
    }
    if (roll) {
      return runRoll(drawn);
    }
    return matrix
        ? runMatrix(drawn)
        : runDrawn(new Dice(new SplittableRandom(drawn), replicas, only), drawn);
  }

  private int misused(String sentence) {
    spec.commandLine().getErr().println(sentence);
    return ExitCode.USAGE;
  }

  private Campaign start(long drawn) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("sagax-chaos-");
    say(
        "Seed %d. Starting %d processes of each service in %s"
            .formatted(drawn, replicas, directory));
    kept = directory;
    if (interrupted == null) {
      interrupted = new Thread(this::tellWhatIsLeft);
      Runtime.getRuntime().addShutdownHook(interrupted);
    }
    return new Campaign(
        directory,
        new Campaign.Plan(replicas, accounts, rate, drawn, Dice.smallDisks(only), Campaign.QUIET),
        line -> say("  " + line));
  }

  /** When somebody ends it: the processes end with us, their data stay. */
  private void tellWhatIsLeft() {
    if (!concluded && Files.exists(kept)) {
      say("Interrupted. Its data and logs are kept in " + kept);
    }
  }

  // ---- faults as they are drawn

  private int runDrawn(Dice dice, long drawn) throws IOException, InterruptedException {
    List<Round> rounds = new ArrayList<>();
    List<Finding> atTheEnd = new ArrayList<>();
    Campaign campaign = start(drawn);
    try (campaign) {
      long end = System.nanoTime() + (long) (minutes * 60e9);
      boolean passed = true;
      while (passed && System.nanoTime() < end) {
        List<Round> next = campaign.strike(dice.next(), true);
        rounds.addAll(next);
        next.forEach(round -> tell(round, campaign));
        passed = next.stream().allMatch(Round::passed);
      }
      if (passed) {
        atTheEnd.addAll(campaign.settleAndLookAtEverything());
        atTheEnd.forEach(finding -> say(finding.sentence()));
      }
    }
    return conclude(rounds, atTheEnd, drawn, campaign);
  }

  private int conclude(List<Round> rounds, List<Finding> atTheEnd, long drawn, Campaign campaign)
      throws IOException {
    boolean passed = atTheEnd.isEmpty() && rounds.stream().allMatch(Round::passed);
    new CrashTable(rounds).lines().forEach(this::print);
    long hits = rounds.stream().filter(Round::hit).count();
    print(
        "Seed %d: %d faults, %d of them hit work under way; %,d answers to clients, %,d calls made again."
            .formatted(
                drawn, rounds.size(), hits, campaign.told().answers(), campaign.told().repeats()));
    publish(new CrashPage(again(drawn), rounds, atTheEnd).under(campaign.told()));
    if (passed && hits > 0) {
      campaign.delete();
      print("Nothing was lost, nothing doubled, nothing is stuck.");
      return ExitCode.OK;
    }
    print(
        hits == 0
            ? "No fault hit, so nothing is shown."
            : "It FAILED. The same again: " + again(drawn));
    print("Its data and logs are kept in " + campaign.directory());
    return ExitCode.SOFTWARE;
  }

  private void publish(CrashPage page) throws IOException {
    if (markdown != null) {
      Files.writeString(markdown, page.markdown());
    }
  }

  private String again(long drawn) {
    StringBuilder command = new StringBuilder("./sagax chaos");
    if (matrix) {
      command.append(" --matrix --part ").append(part);
    } else {
      command.append(" --minutes ").append(minutes % 1 == 0 ? "" + (int) minutes : "" + minutes);
    }
    command.append(" --seed ").append(drawn);
    if (replicas != 2) {
      command.append(" --replicas ").append(replicas);
    }
    if (rate != 100) {
      command.append(" --rate ").append(rate);
    }
    if (accounts != 40) {
      command.append(" --accounts ").append(accounts);
    }
    if (!only.isEmpty()) {
      command.append(" --only ").append(String.join(",", only));
    }
    return command.toString();
  }

  // ---- the matrix

  private int runMatrix(long drawn) throws IOException, InterruptedException {
    Matrix cells = Matrix.of(part, out, only, FaultPoint.values());
    List<Fault> left = cells.left(replicas);
    say(
        "%d cells of the matrix are to be run, %d are done."
            .formatted(left.size(), cells.done().size()));
    Campaign campaign = null;
    int run = 0;
    try {
      for (Fault fault : left) {
        if (campaign == null) {
          campaign = start(drawn);
        }
        run++;
        boolean wholly = run % CELLS_PER_AUDIT == 0;
        Round round = campaign.strike(List.of(fault), wholly).getFirst();
        tell(round, campaign);
        cells.add(round);
        if (!round.passed()) { // what follows would only tell the same again
          print("Its data and logs are kept in " + campaign.directory());
          campaign.close();
          campaign = null;
        }
      }
      if (campaign != null) {
        List<Finding> findings = campaign.settleAndLookAtEverything();
        findings.forEach(finding -> print(finding.sentence()));
        cells.addFindings(findings);
      }
    } finally {
      if (campaign != null) {
        campaign.close();
        campaign.delete();
      }
    }
    return concludeMatrix(cells, drawn);
  }

  private int concludeMatrix(Matrix cells, long drawn) throws IOException {
    new CrashTable(cells.done()).lines().forEach(this::print);
    publish(new CrashPage(again(drawn), cells.done(), cells.findings()));
    boolean green = cells.isGreen();
    print(green ? "Every cell hit and passed." : "A cell failed or did not hit.");
    return green ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  // ---- an outage

  private int runOutage(Backend backend, long drawn) throws IOException, InterruptedException {
    Campaign campaign = start(drawn);
    Campaign.Outage seen;
    try (campaign) {
      seen = campaign.outage(backend, Duration.ofSeconds(seconds));
    }
    print(
        "%s was away for %d s: %,d answers meanwhile, %,d clients waited; all were answered and all was quiet %.1f s after it was back."
            .formatted(
                backend.text,
                seen.away().toSeconds(),
                seen.answered(),
                seen.waiting(),
                seen.drain().toMillis() / 1e3));
    seen.findings().forEach(finding -> print(finding.sentence()));
    if (seen.findings().isEmpty()) {
      campaign.delete();
      return ExitCode.OK;
    }
    print("It FAILED. Its data and logs are kept in " + campaign.directory());
    return ExitCode.SOFTWARE;
  }

  // ---- a roll

  private int runRoll(long drawn) throws IOException, InterruptedException {
    Campaign campaign = start(drawn);
    Roll.Result result;
    try (campaign) {
      result = campaign.roll(EnumSet.allOf(Roll.End.class), replicas, REST, Roll.RECOVERY);
    }
    print(result.markdown());
    result.findings().forEach(finding -> print(finding.sentence()));
    if (markdown != null) {
      Files.writeString(markdown, result.markdown());
    }
    if (result.findings().isEmpty()) {
      campaign.delete();
      print("No order was lost or doubled, and clients saw nothing but UNAVAILABLE.");
      return ExitCode.OK;
    }
    print("It FAILED. Its data and logs are kept in " + campaign.directory());
    return ExitCode.SOFTWARE;
  }

  // ---- what is said

  private void tell(Round round, Campaign campaign) {
    say(
        "%5d s  %-44s %s, %.1f s (%s); %,d answers"
            .formatted(
                (System.nanoTime() - startNanos) / 1_000_000_000,
                round.fault().text(),
                round.hit() ? "hit " + round.work() + " under way" : "did not hit",
                round.millis() / 1e3,
                round.stages(),
                campaign.told().answers()));
    round.mended().forEach(sentence -> say("         The ledger was " + sentence));
    round.findings().forEach(finding -> say("         " + finding));
  }

  /** Standard output is for the result. */
  private void say(String line) {
    spec.commandLine().getErr().println(line);
  }

  private void print(String line) {
    spec.commandLine().getOut().println(line);
  }
}
