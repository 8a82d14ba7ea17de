package dev.sagax.bench.chaos;

import dev.sagax.local.ServiceProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Every process is stopped and started again, one by one, as a roll-out does it; then each is
 * killed and started again; all under load. A client of it sees nothing but UNAVAILABLE, not even
 * that while all runs undisturbed, and who asks again with the same id is answered. Blocking.
 */
final class Roll {
  /** Within it a killed process is ready and whoever waited while it was away has an answer. */
  static final Duration RECOVERY = Duration.ofSeconds(10);

  /** How many rests come before anything is measured. */
  private static final int WARM_UP = 8;

  private static final long LOOK_MILLIS = 20;

  private final Load load;
  private final Duration rest;
  private final Duration patience;
  private final Duration callDeadline;

  /**
   * @param rest how long all runs undisturbed after each of them; before the first, ten times that
   * @param patience what {@link #RECOVERY} is on a machine of one's own
   */
  Roll(Load load, Duration rest, Duration patience) {
    this.load = load;
    this.rest = rest;
    this.patience = patience;
    // A call may wait for the whole of a recovery, so that nobody is told DEADLINE_EXCEEDED.
    this.callDeadline = patience.multipliedBy(3).dividedBy(2);
  }

  /** How a process is ended. */
  enum End {
    STOPPED("stopped and started"),
    KILLED("killed and started");

    final String words;

    End(String words) {
      this.words = words;
    }
  }

  /**
   * One process.
   *
   * @param away from its end's beginning until it was ready again
   * @param answered from its end's beginning until it was ready and every client that waited in the
   *     meantime had an answer
   */
  record Step(String process, End end, Duration away, Duration answered) {}

  /**
   * What clients saw in a stretch of it: undisturbed, while processes were stopped, or killed.
   *
   * @param disturbed whether a call may have been refused because a process was away
   */
  record Stretch(String name, boolean disturbed, Calls.Seen calls) {
    private boolean mayBe(String code) {
      return disturbed && code.equals("UNAVAILABLE");
    }
  }

  /** What became of it. */
  record Result(List<Step> steps, List<Stretch> stretches, List<Finding> findings) {

    /** With what the look at everything found afterwards. */
    Result with(List<Finding> more) {
      List<Finding> all = new ArrayList<>(findings);
      all.addAll(more);
      return new Result(steps, stretches, all);
    }

    /** For a terminal and for the docs. */
    String markdown() {
      StringBuilder page =
          new StringBuilder(
              "| process | was | s until it was ready | s until all who waited had an answer |\n|---|---|---|---|\n");
      steps.forEach(step ->
          page.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %s | %.1f | %.1f |%n",
                  step.process(),
                  step.end().words,
                  step.away().toMillis() / 1e3,
                  step.answered().toMillis() / 1e3)));
      page.append(
          "\n| meanwhile | orders | p50 ms | p99 ms | longest ms | calls made again |\n|---|---|---|---|---|---|\n");
      stretches.forEach(stretch ->
          page.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %,d | %.0f | %.0f | %d | %s |%n",
                  stretch.name(),
                  stretch.calls().placeMicros().getTotalCount(),
                  stretch.calls().placeMillis(50),
                  stretch.calls().placeMillis(99),
                  stretch.calls().longestPlace().toMillis(),
                  stretch.calls().refusalsInWords())));
      return page.toString();
    }
  }

  Result run(List<ServiceProcess> processes, Set<End> ends) throws InterruptedException {
    load.allow(callDeadline);
    load.start();
    Thread.sleep(rest.multipliedBy(WARM_UP));
    load.calls().take(); // eight processes that have just started compile what they run
    Thread.sleep(rest.multipliedBy(2));
    List<Stretch> stretches = new ArrayList<>();
    stretches.add(new Stretch("all ran undisturbed", false, load.calls().take()));
    List<Step> steps = new ArrayList<>();
    for (End end : ends) {
      load.start();
      for (ServiceProcess process : processes) {
        steps.add(step(process, end));
        Thread.sleep(rest);
      }
      untilEveryCallHasEnded();
      stretches.add(new Stretch("processes were " + end.words, true, load.calls().take()));
    }
    return new Result(steps, stretches, findings(steps, stretches, patience));
  }

  /** A call that began while a process was away may be refused long after that. */
  private void untilEveryCallHasEnded() throws InterruptedException {
    load.pause();
    load.awaitAnswers(callDeadline.plus(RECOVERY)); // who has none then is found at the end
  }

  private Step step(ServiceProcess process, End end) throws InterruptedException {
    Recovery recovery = new Recovery(load.open());
    long begun = System.nanoTime();
    switch (end) {
      case STOPPED -> process.stop();
      case KILLED -> process.kill();
    }
    process.begin(Map.of());
    while (!recovery.isOver(process::isReady, load.open(), since(begun))) {
      if (since(begun).compareTo(patience.multipliedBy(6)) > 0) {
        throw new IllegalStateException(
            "%s is not ready, or clients wait still, %s after it was %s."
                .formatted(process, since(begun), end.words));
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return new Step(process.name(), end, recovery.away(), recovery.answered());
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  static List<Finding> findings(List<Step> steps, List<Stretch> stretches, Duration patience) {
    List<Finding> findings = new ArrayList<>();
    steps.stream()
        .filter(step -> step.answered().compareTo(patience) > 0)
        .forEach(step ->
            findings.add(
                Finding.stuck(
                    1,
                    "%s took %s to recover when it was %s"
                        .formatted(step.process(), step.answered(), step.end().words))));
    stretches.stream()
        .filter(stretch -> !stretch.disturbed())
        .filter(stretch -> stretch.calls().longestPlace().compareTo(patience) > 0)
        .forEach(stretch ->
            findings.add(
                Finding.stuck(
                    1,
                    "an order took %s while %s"
                        .formatted(stretch.calls().longestPlace(), stretch.name()))));
    for (Stretch stretch : stretches) {
      stretch.calls().refusals().entrySet().stream()
          .filter(refusal -> !stretch.mayBe(refusal.getKey()))
          .forEach(refusal ->
              findings.add(
                  Finding.wrong(
                      "%d calls were answered with %s while %s"
                          .formatted(refusal.getValue(), refusal.getKey(), stretch.name()))));
    }
    return findings;
  }
}
