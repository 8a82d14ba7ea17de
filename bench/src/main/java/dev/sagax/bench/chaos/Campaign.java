package dev.sagax.bench.chaos;

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
  /** Every order has to be final or to rest this long after the last fault. */
  private static final Duration QUIET = Duration.ofSeconds(60);

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

  /**
   * @param rate wishes a second
   * @param smallDisks the servers that write to a small disk of their own
   */
  record Plan(int replicas, int accounts, int rate, long seed, Set<Backend> smallDisks) {}

  Campaign(Path directory, Plan plan, Consumer<String> progress)
      throws IOException, InterruptedException {
    this.stack = new Stack(directory, plan.replicas(), plan.smallDisks(), progress);
    String run = Long.toUnsignedString(plan.seed(), Character.MAX_RADIX);
    this.flow = new Flow(new SplittableRandom(plan.seed()).split(), run, plan.accounts());
    this.load = new Load(stack.clients(), flow, told, plan.rate());
    this.checks = new Checks(stack.stores(), stack.clients(), told, ChaosMarkets.scales());
    this.runbook = new Runbook(stack);
    this.blows =
        new Blows(stack, load, told, new Provocations(stack, load, flow, checks), checks, runbook);
    load.fund(FUNDING);
  }

  /**
   * Makes these faults, which may overlap, and says what became of each.
   *
   * @param wholly whether all is checked afterwards, or only what can be seen at once
   */
  List<Round> strike(List<Fault> faults, boolean wholly) throws InterruptedException {
    Stopwatch watch = new Stopwatch();
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
        blow.heal();
        findings.addAll(blow.findings());
      }
      // Not each by itself: a process is not ready while the server of the next blow is away.
      runbook.awaitReady(begun.stream().flatMap(blow -> blow.comeBack().stream()).toList());
      watch.stage("healed");
      Thread.sleep(SETTLE_DOWN_MILLIS);
      findings.addAll(settle(wholly, watch));
    } catch (RuntimeException e) {
      findings.add(Finding.stuck(1, "it could not be healed: " + e));
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
    return settle(true, new Stopwatch());
  }

  private List<Finding> settle(boolean wholly, Stopwatch watch) throws InterruptedException {
    load.pause();
    long end = System.nanoTime() + QUIET.toNanos();
    while (!load.awaitAnswers(MEND) && System.nanoTime() < end) {
      runbook.mend();
    }
    if (load.unanswered() > 0) {
      int waiting = load.unanswered();
      return List.of(
          Finding.stuck(
              waiting,
              "%d calls have no answer after %s, among them %s"
                  .formatted(waiting, QUIET, load.open().stream().limit(3).toList())));
    }
    watch.stage("answered");
    List<String> open = checks.awaitQuiet(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    if (!open.isEmpty()) {
      return open.stream().map(sentence -> Finding.stuck(1, sentence)).toList();
    }
    runbook.mend();
    watch.stage("quiet");
    List<Finding> findings = wholly ? checks.findings() : checks.quickFindings();
    watch.stage("checked");
    return findings;
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
    List<Finding> findings = new ArrayList<>(settle(false, new Stopwatch()));
    Duration drain = Duration.ofNanos(System.nanoTime() - back);
    findings.addAll(settleAndLookAtEverything());
    return new Outage(backend, away, meanwhile, waiting, drain, findings);
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
