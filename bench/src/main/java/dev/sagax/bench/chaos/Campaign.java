package dev.sagax.bench.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A running exchange under load, on which faults are made one after the other; after each of them
 * it is healed, left alone until it is quiet, and checked. Blocking.
 */
final class Campaign implements AutoCloseable {
  /** Every order has to be final or to rest this long after the last fault. */
  private static final Duration QUIET = Duration.ofSeconds(60);

  private static final Duration FUNDING = Duration.ofSeconds(120);
  private static final long SETTLE_DOWN_MILLIS = 500;

  private final Stack stack;
  private final Flow flow;
  private final Told told = new Told();
  private final Load load;
  private final Checks checks;
  private final Blows blows;

  /**
   * @param rate wishes a second
   */
  record Plan(int replicas, int accounts, int rate, long seed) {}

  Campaign(Path directory, Plan plan, Consumer<String> progress)
      throws IOException, InterruptedException {
    this.stack = new Stack(directory, plan.replicas(), progress);
    String run = Long.toUnsignedString(plan.seed(), Character.MAX_RADIX);
    this.flow = new Flow(new SplittableRandom(plan.seed()).split(), run, plan.accounts());
    this.load = new Load(stack.clients(), flow, told, plan.rate());
    this.checks = new Checks(stack.stores(), stack.clients(), told, ChaosMarkets.scales());
    this.blows = new Blows(stack, load, new Provocations(stack, load, flow, checks));
    load.fund(FUNDING);
  }

  /** Makes these faults, which may overlap, and says what became of each. */
  List<Round> strike(List<Fault> faults) throws InterruptedException {
    long start = System.nanoTime();
    load.start();
    Thread.sleep(SETTLE_DOWN_MILLIS);
    List<Blow> begun = new ArrayList<>();
    List<Integer> work = new ArrayList<>();
    List<String> findings = new ArrayList<>();
    try {
      for (Fault fault : faults) {
        Blow blow = blows.of(fault);
        begun.add(blow);
        work.add(blow.begin());
      }
      for (Blow blow : begun) {
        blow.heal();
      }
      Thread.sleep(SETTLE_DOWN_MILLIS);
      findings.addAll(settle());
    } catch (RuntimeException e) {
      findings.add("It could not be healed: " + e);
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    List<Round> rounds = new ArrayList<>();
    for (int n = 0; n < begun.size(); n++) {
      rounds.add(new Round(faults.get(n), n < work.size() ? work.get(n) : 0, findings, millis));
    }
    return rounds;
  }

  /** Leaves the exchange alone until it is quiet, and says what is wrong then. */
  List<String> settle() throws InterruptedException {
    load.pause();
    long end = System.nanoTime() + QUIET.toNanos();
    if (!load.awaitAnswers(QUIET)) {
      return List.of(
          "Stuck: %d calls have no answer after %s, among them %s"
              .formatted(load.unanswered(), QUIET, load.open().stream().limit(3).toList()));
    }
    List<String> open = checks.awaitQuiet(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
    if (!open.isEmpty()) {
      return open.stream().map(sentence -> "Stuck: " + sentence).toList();
    }
    return checks.findings();
  }

  /** The checks that take longer: what every client sees. */
  List<String> settleAndLookAtEverything() throws InterruptedException {
    List<String> findings = new ArrayList<>(settle());
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
    List<String> findings = settleAndLookAtEverything();
    return new Outage(
        backend, away, meanwhile, waiting, Duration.ofNanos(System.nanoTime() - back), findings);
  }

  /**
   * What became of an outage.
   *
   * @param answered clients that got an answer while the server was away
   * @param waiting clients that waited for one when it came back
   * @param drain from the server's first answer until everything was quiet and checked
   */
  record Outage(
      Backend backend,
      Duration away,
      long answered,
      int waiting,
      Duration drain,
      List<String> findings) {}

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
