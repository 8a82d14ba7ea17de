package dev.sagax.bench.chaos;

import dev.sagax.local.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A running exchange under load, on which faults are made one after the other; after each of them
 * it is healed, left alone until it is quiet, and checked. Blocking.
 */
final class Campaign implements AutoCloseable {
  /** How long after the last fault was taken back all may still be under way. */
  static final Duration QUIET = Duration.ofSeconds(60);

  /** How often it is looked whether the ledger has closed itself. */
  private static final Duration MEND = Duration.ofSeconds(1);

  private static final Duration FUNDING = Duration.ofSeconds(120);
  private static final long SETTLE_DOWN_MILLIS = 500;

  private final Stack stack;
  private final Flow flow;
  private final Told told = new Told();
  private final Load load;
  private final Checks checks;
  private final Blows blows;
  private final Runbook runbook;
  private final Tampering tampering = new Tampering();
  private final Duration quiet;

  /**
   * @param rate wishes a second
   * @param smallDisks the servers that write to a small disk of their own
   * @param quiet how long after the last fault was taken back (the process or server was started or
   *     goes on, the link is mended, the ledger is rebuilt) every call must have its answer, every
   *     process must be ready and every order must be final or rest; {@link #QUIET}, unless the
   *     machine is shared
   */
  record Plan(
      int replicas, int accounts, int rate, long seed, Set<Backend> smallDisks, Duration quiet) {}

  Campaign(Path directory, Plan plan, Consumer<String> progress)
      throws IOException, InterruptedException {
    this.stack = new Stack(directory, plan.replicas(), plan.smallDisks(), progress);
    String run = Long.toUnsignedString(plan.seed(), Character.MAX_RADIX);
    this.flow = new Flow(new SplittableRandom(plan.seed()).split(), run, plan.accounts());
    this.load = new Load(stack.clients(), flow, told, plan.rate());
    this.checks = new Checks(stack.stores(), stack.clients(), told, ChaosMarkets.scales());
    this.quiet = plan.quiet();
    this.runbook = new Runbook(stack, tampering);
    this.blows =
        new Blows(
            stack,
            load,
            told,
            new Provocations(stack, load, flow, checks),
            checks,
            runbook,
            tampering);
    load.fund(FUNDING);
  }

  /**
   * Makes these faults, which may overlap, and says what became of each.
   *
   * @param wholly whether all is checked afterwards, or only what can be seen at once
   */
  List<Round> strike(List<Fault> faults, boolean wholly) throws InterruptedException {
    Stopwatch watch = new Stopwatch();
    tampering.begin(faults);
    load.start();
    Thread.sleep(SETTLE_DOWN_MILLIS);
    List<Blow> begun = new ArrayList<>();
    List<Integer> work = new ArrayList<>();
    List<Finding> findings = new ArrayList<>();
    try {
      for (Blow blow : faults.stream().map(blows::of).toList()) { // all while all is still well
        begun.add(blow);
        work.add(blow.begin());
      }
      watch.stage("struck");
      for (Blow blow : begun) {
        findings.addAll(blow.findings());
        blow.heal();
      }
      watch.stage("healed");
      long end = System.nanoTime() + quiet.toNanos();
      // Not each by itself: a process is not ready while the server of the next blow is away.
      List<String> missing =
          runbook.awaitReady(
              begun.stream().flatMap(blow -> blow.comeBack().stream()).toList(), end);
      if (missing.isEmpty()) {
        watch.stage("ready");
        Thread.sleep(SETTLE_DOWN_MILLIS);
        findings.addAll(settle(wholly, watch, end));
      } else {
        findings.addAll(late(missing));
      }
    } catch (Tampering.BreachException e) {
      findings.add(e.finding());
    } catch (RuntimeException e) {
      findings.add(Finding.stuck(1, "it could not be healed: " + e));
    }
    if (wholly && findings.isEmpty()) {
      tampering.end();
    }
    List<String> mended = runbook.done();
    List<Round> rounds = new ArrayList<>();
    for (int n = 0; n < begun.size(); n++) {
      int hit = n < work.size() ? work.get(n) : 0;
      rounds.add(
          new Round(
              faults.get(n),
              hit,
              findings,
              mended,
              watch.totalMillis(),
              watch.millisBetween("healed", "quiet"),
              watch.stages()));
    }
    return rounds;
  }

  /** Leaves the exchange alone until it is quiet, and says what is wrong then. */
  List<Finding> settle() throws InterruptedException {
    return settle(true, new Stopwatch(), System.nanoTime() + quiet.toNanos());
  }

  /**
   * @param end by when all has to be quiet
   */
  private List<Finding> settle(boolean wholly, Stopwatch watch, long end)
      throws InterruptedException {
    try {
      return settled(wholly, watch, end);
    } catch (Tampering.BreachException e) {
      return List.of(e.finding());
    }
  }

  private List<Finding> settled(boolean wholly, Stopwatch watch, long end)
      throws InterruptedException {
    load.pause();
    while (!load.awaitAnswers(MEND) && System.nanoTime() < end) {
      runbook.mend();
    }
    if (load.unanswered() > 0) {
      int waiting = load.unanswered();
      return List.of(
          Finding.stuck(
              waiting,
              "%d calls have no answer after %s, among them %s"
                  .formatted(waiting, quiet, load.open().stream().limit(3).toList())));
    }
    watch.stage("answered");
    List<String> open;
    do {
      open = checks.awaitQuiet(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    } while (open.isEmpty() && runbook.mend());
    if (!open.isEmpty()) {
      return late(open);
    }
    watch.stage("quiet");
    List<Finding> findings = new ArrayList<>();
    if (System.nanoTime() > end) {
      findings.addAll(late(List.of("all was quiet only after that")));
    }
    findings.addAll(wholly ? checks.findings() : checks.quickFindings());
    watch.stage("checked");
    return findings;
  }

  private List<Finding> late(List<String> sentences) {
    return sentences.stream()
        .map(sentence ->
            Finding.stuck(
                1,
                "%d s after the last fault was taken back: %s"
                    .formatted(quiet.toSeconds(), sentence)))
        .toList();
  }

  /** The checks that take longer: what every client sees. */
  List<Finding> settleAndLookAtEverything() throws InterruptedException {
    List<Finding> findings = new ArrayList<>(settle());
    if (findings.isEmpty()) {
      findings.addAll(checks.findingsOfViews(flow.accounts()));
    }
    return findings;
  }

  /** A server is killed and stays away; how long the exchange takes to be quiet after that. */
  Outage outage(Backend backend, Duration away) throws InterruptedException {
    load.start();
    Thread.sleep(SETTLE_DOWN_MILLIS);
    long orders = told.answers();
    backend.of(stack.infrastructure()).kill();
    Thread.sleep(away);
    long meanwhile = told.answers() - orders;
    int waiting = load.unanswered();
    backend.of(stack.infrastructure()).start();
    long back = System.nanoTime();
    List<Finding> findings =
        new ArrayList<>(settle(false, new Stopwatch(), back + quiet.toNanos()));
    Duration drain = Duration.ofNanos(System.nanoTime() - back);
    findings.addAll(settleAndLookAtEverything());
    return new Outage(backend, away, meanwhile, waiting, drain, findings);
  }

  /**
   * Stops and starts every process, one by one, and kills every process, one by one.
   *
   * @param replicas of how many replicas of each service; the others are left alone
   * @param rest how long all runs undisturbed before and after each
   * @param patience how long one may take to recover
   */
  Roll.Result roll(Set<Roll.End> ends, int replicas, Duration rest, Duration patience)
      throws InterruptedException {
    List<ServiceProcess> processes =
        stack.instances().stream().filter(process -> process.replica() < replicas).toList();
    return new Roll(load, rest, patience).run(processes, ends).with(settleAndLookAtEverything());
  }

  /**
   * What became of an outage.
   *
   * @param answered clients that got an answer while the server was away
   * @param waiting clients that waited for one when it came back
   * @param drain from the server's first answer until every client had its answer and all was quiet
   */
  record Outage(
      Backend backend,
      Duration away,
      long answered,
      int waiting,
      Duration drain,
      List<Finding> findings) {}

  Told told() {
    return told;
  }

  Path directory() {
    return stack.directory();
  }

  @Override
  public void close() {
    load.close();
    stack.close();
  }

  /** Deletes all its data. To be called once it is closed. */
  void delete() throws IOException {
    stack.delete();
  }
}
