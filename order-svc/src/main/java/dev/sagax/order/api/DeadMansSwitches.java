package dev.sagax.order.api;

import dev.sagax.order.Instruction.CancelAll;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.OrderHistory.Due;
import dev.sagax.order.saga.OrderRecords;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks which dead man's switches are due, and records a cancel of all for each. Every replica does
 * so: the step obeys the first record of a deadline, and only if the switch is still set to it. So
 * it needs no owner, and a start does at once what was due meanwhile.
 *
 * <p>While nothing applies the records, each switch is recorded again after a pause that grows, and
 * each partition has its turn on its own: one that stands still keeps nothing from the others.
 */
public final class DeadMansSwitches {
  private static final Logger LOG = LoggerFactory.getLogger(DeadMansSwitches.class);
  private static final long LOOK_MILLIS = 250;
  private static final long LOOK_SECONDS = 5;
  private static final int LOUD_FAILURES = 4;

  /** After this a record that has had no effect is sent once more: it may not be in the log. */
  private static final long FIRST_PAUSE_MICROS = 5_000_000;

  private static final long LONGEST_PAUSE_MICROS = 300_000_000;

  /** After this one is sent again that was not acknowledged. */
  private static final long FAILED_PAUSE_MICROS = 1_000_000;

  private final Vertx vertx;
  private final OrderHistory history;
  private final LogAppender appender;
  private final LargeMarkets largeMarkets;
  private final InstantSource clock;
  private final List<Round> rounds;
  private boolean looking;
  private int failures;

  /**
   * @param log knows the ends of `order.requested`
   * @param partitions of `order.requested`
   */
  public DeadMansSwitches(
      Vertx vertx,
      Markets markets,
      int partitions,
      OrderHistory history,
      LogAppender appender,
      LogFollower log,
      InstantSource clock) {
    this.vertx = vertx;
    this.history = history;
    this.appender = appender;
    this.largeMarkets = new LargeMarkets(vertx, markets, history, log);
    this.clock = clock;
    this.rounds = IntStream.range(0, partitions).mapToObj(Round::new).toList();
  }

  /** Begins to look; ends with the verticle. */
  public void start() {
    vertx.setPeriodic(LOOK_MILLIS, timer -> look());
  }

  /** What was recorded of a switch. */
  private static final class Attempt {
    long nextMicros;
    long pauseMicros = FIRST_PAUSE_MICROS;
  }

  /** One turn after the other through the switches of a partition that are due, page by page. */
  private static final class Round {
    private final Due first;
    private Due after;
    private Map<Due, Attempt> before = Map.of();
    private Map<Due, Attempt> attempts = new HashMap<>();

    /** Records of it that are on their way. */
    private int pending;

    Round(int partition) {
      this.first = Due.first(partition);
      this.after = first;
    }

    /** What was not due in a whole round is not any more, and is forgotten. */
    Attempt attempt(Due due) {
      return attempts.computeIfAbsent(
          due, unseen -> Optional.ofNullable(before.get(due)).orElseGet(Attempt::new));
    }

    void goOnBehind(List<Due> page) {
      if (page.size() == OrderHistory.DUE_PAGE) {
        after = page.getLast();
      } else {
        after = first;
        before = attempts;
        attempts = new HashMap<>();
      }
    }
  }

  private void look() {
    List<Round> turns = rounds.stream().filter(round -> round.pending == 0).toList();
    if (looking || turns.isEmpty()) {
      return;
    }
    looking = true;
    long now = nowMicros();
    EventLoop.back(
            vertx,
            () ->
                history
                    .due(now, turns.stream().map(round -> round.after).toList())
                    .timeout(LOOK_SECONDS, TimeUnit.SECONDS))
        .onComplete(done -> looking = false)
        .onSuccess(due -> turns.forEach(round -> take(round, due, now)))
        .onSuccess(done -> failures = 0)
        .onFailure(this::failed);
  }

  private void take(Round round, List<Due> due, long now) {
    List<Due> page =
        due.stream().filter(each -> each.partition() == round.first.partition()).toList();
    List<Due> ripe = page.stream().filter(each -> round.attempt(each).nextMicros <= now).toList();
    round.pending = ripe.size();
    if (!ripe.isEmpty()) {
      record(round, ripe, now);
    }
    round.goOnBehind(page);
  }

  private void record(Round round, List<Due> ripe, long now) {
    List<Attempt> attempts = ripe.stream().map(round::attempt).toList();
    Future<LargeMarkets.Backlog> backlog = largeMarkets.backlog();
    for (int i = 0; i < ripe.size(); i++) {
      Due due = ripe.get(i);
      Attempt attempt = attempts.get(i);
      backlog
          .compose(known -> record(due, attempt, known, now))
          .onSuccess(done -> {
            attempt.nextMicros = nowMicros() + attempt.pauseMicros;
            attempt.pauseMicros = Math.min(2 * attempt.pauseMicros, LONGEST_PAUSE_MICROS);
          })
          .onFailure(failure -> {
            attempt.nextMicros = nowMicros() + FAILED_PAUSE_MICROS;
            failed(failure);
          })
          .onComplete(done -> round.pending--);
    }
  }

  /** Large markets are named at the first attempt only: the later ones are in case it was lost. */
  private Future<Void> record(Due due, Attempt attempt, LargeMarkets.Backlog backlog, long now) {
    if (!due.market().isEmpty() || attempt.pauseMicros > FIRST_PAUSE_MICROS) {
      return append(due, due.market(), now).mapEmpty();
    }
    return largeMarkets
        .of(due.account(), backlog)
        .compose(large -> {
          List<Future<Long>> appends = new ArrayList<>();
          for (String market : large.getOrDefault(due.partition(), List.of())) {
            appends.add(append(due, market, now));
          }
          appends.add(append(due, due.market(), now));
          return Future.join(appends).mapEmpty();
        });
  }

  /**
   * @param market of the record, which is a part if the switch is for all markets
   */
  private Future<Long> append(Due due, String market, long now) {
    String id =
        DeterministicId.cancelAllId(due.partition(), due.account(), market, due.deadlineMicros());
    CancelAll all =
        new CancelAll(
            id,
            due.account(),
            market,
            Optional.empty(),
            now,
            due.deadlineMicros(),
            !market.equals(due.market()));
    return EventLoop.back(
        vertx,
        () ->
            appender.append(
                Topic.ORDER_REQUESTED, due.partition(), id, OrderRecords.toRecord(all)));
  }

  private long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }

  /** Tried again at a later look; one that fails is no news, for instance while all stops. */
  private void failed(Throwable failure) {
    if (++failures == LOUD_FAILURES) {
      LOG.warn("Dead man's switches that are due have to wait: {}", failure.toString());
    }
  }
}
