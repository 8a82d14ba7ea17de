package dev.sagax.order.saga.trace;

import dev.sagax.order.Order;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.MatchRequested;
import dev.sagax.proto.event.v1.OrderRequested;
import dev.sagax.proto.event.v1.OrderUpdated;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.event.v1.UpdateStage;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.saga.v1.OrderLeg;
import dev.sagax.proto.saga.v1.SagaStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Follows one order through the log. Where to look is known from rows: the order's instruction and
 * number, and the numbers of the outcomes that moved its money; every other record is found from
 * the one that caused it. The steps of one instruction are a chapter: the order's own placing, its
 * cancel, also that of all orders, or the instruction of a taker that met it.
 *
 * <pre>
 * order.requested - hold - match.requested - settle.requested -+- settle.completed - order.updated
 *                                                              +- match.cancel.requested
 *                            settle.requested, order.cancel.requested - settle.completed - order.updated
 * </pre>
 */
final class Tracer {
  private static final String ORDER = "order-svc";
  private static final String MATCH = "match-svc";
  private static final String SETTLE = "settle-svc";
  private static final Set<UpdateStage> DECIDED = Set.of(UpdateStage.UPDATE_STAGE_DECIDED);
  private static final Set<UpdateStage> CANCELLING =
      Set.of(UpdateStage.UPDATE_STAGE_CANCEL_REQUESTED);
  private static final Set<UpdateStage> SETTLED =
      Set.of(UpdateStage.UPDATE_STAGE_SETTLED, UpdateStage.UPDATE_STAGE_FILLED_AS_MAKER);

  private static final long BEFORE_OURS = 0;
  private static final long OURS = 1;

  private final Facts facts;
  private final Order order;
  private final SagaLog log;
  private final TraceWords words;
  private final List<SagaStep> steps = new ArrayList<>();

  Tracer(Facts facts, SagaLog log) {
    this.facts = facts;
    this.order = facts.order();
    this.log = log;
    this.words = new TraceWords(order);
  }

  /**
   * @param pending records about the order that their readers have not applied
   */
  List<SagaStep> steps(List<LogRecord> pending) {
    Map<Long, SortedMap<Long, LogRecord>> outcomes = new TreeMap<>();
    outcomes.put(order.instruction(), new TreeMap<>());
    pending.forEach(record ->
        outcomes.computeIfAbsent(Events.instruction(record), instruction -> new TreeMap<>()));
    List<OrderLeg> gone = new ArrayList<>();
    for (OrderLeg leg : facts.legs()) {
      Optional<LogRecord> outcome = log.numbered(Topic.SETTLE_REQUESTED, leg.getOutcome());
      outcome.ifPresentOrElse(record -> put(record, outcomes), () -> gone.add(leg));
    }
    pending.stream()
        .filter(record -> record.topic() == Topic.SETTLE_REQUESTED)
        .forEach(record -> put(record, outcomes));
    outcomes.forEach((instruction, known) -> {
      chapter(instruction, known);
      if (instruction == order.instruction()) {
        gone.forEach(this::settledLongAgo);
      }
    });
    return steps;
  }

  private static void put(LogRecord outcome, Map<Long, SortedMap<Long, LogRecord>> outcomes) {
    outcomes
        .computeIfAbsent(Events.instruction(outcome), instruction -> new TreeMap<>())
        .put(outcome.position(), outcome);
  }

  /**
   * @param known outcomes of the instruction, by number
   */
  private void chapter(long instruction, SortedMap<Long, LogRecord> known) {
    boolean placing = instruction == order.instruction();
    long matchOffset = placing ? place() : instruct(instruction);
    Optional<LogRecord> outcome =
        known.values().stream()
            .filter(record -> !Events.undoes(Events.settleRequested(record)))
            .findFirst()
            .or(() -> outcomeOf(instruction));
    if (outcome.isPresent()) {
      matched(outcome.get(), known, matchOffset);
    } else {
      known.values().forEach(this::undone);
    }
  }

  // ---- instructions

  /** Placing the order; the offset of its `match.requested`, -1 if there is none. */
  private long place() {
    Optional<LogRecord> requested = log.at(Topic.ORDER_REQUESTED, order.instruction());
    steps.add(
        step(ORDER, Topic.ORDER_REQUESTED, requested, order.request().timeMicros(), words.placed())
            .build());
    facts
        .settle()
        .filter(part -> part.hasHold())
        .ifPresent(part ->
            steps.add(
                step(
                        SETTLE,
                        Topic.ORDER_REQUESTED,
                        requested,
                        order.request().timeMicros(),
                        words.hold(part.getHold()))
                    .setTime(Times.ofMicros(order.request().timeMicros()))
                    .build()));
    Optional<LogRecord> match = Optional.empty();
    if (order.number() > 0) {
      match = log.numbered(Topic.MATCH_REQUESTED, order.number());
      steps.add(
          step(ORDER, Topic.MATCH_REQUESTED, match, order.request().timeMicros(), words.toTheBook())
              .setSeq(order.number())
              .build());
    }
    match.or(() -> requested).ifPresent(cause -> updated(order.instruction(), DECIDED, cause, 0));
    return match.map(LogRecord::offset).orElse(-1L);
  }

  /**
   * Any later instruction of the owner's, also one about all orders; the offset of its
   * `match.requested`, -1 if none.
   */
  private long instruct(long instruction) {
    Optional<LogRecord> requested =
        log.at(Topic.ORDER_REQUESTED, instruction)
            .filter(record ->
                isOurs(record) || Events.cancelsAll(Events.orderRequested(record), order));
    if (requested.isEmpty()) {
      return -1;
    }
    OrderRequested instructed = Events.orderRequested(requested.get());
    add(ORDER, requested.get(), TraceWords.recordedAfter(instructed), 0, false);
    Optional<LogRecord> match =
        log.find(
            Topic.MATCH_REQUESTED,
            order.number(),
            record -> reached(record, instruction),
            OURS,
            record -> Events.instruction(record) == instruction && isOurs(record));
    match.ifPresent(record -> add(ORDER, record, TraceWords.toBeMatched(instructed), 0, false));
    updated(instruction, DECIDED, match.orElse(requested.get()), 0);
    return match.map(LogRecord::offset).orElse(-1L);
  }

  /**
   * How far `match.requested` has come with an instruction: one about all orders has a record for
   * each, by number.
   */
  private long reached(LogRecord record, long instruction) {
    MatchRequested request = Events.matchRequested(record);
    if (request.getInstruction() != instruction) {
      return request.getInstruction() < instruction ? BEFORE_OURS : OURS;
    }
    return Events.orderNumber(request) < order.number() ? BEFORE_OURS : OURS;
  }

  // ---- outcomes

  private Optional<LogRecord> outcomeOf(long instruction) {
    if (order.number() == 0) {
      return Optional.empty();
    }
    return log.find(
        Topic.SETTLE_REQUESTED,
        order.number() - 1,
        Events::instruction,
        instruction,
        record ->
            Events.instruction(record) == instruction
                && !Events.undoes(Events.settleRequested(record))
                && isOurs(record));
  }

  private void matched(LogRecord record, SortedMap<Long, LogRecord> known, long matchOffset) {
    SettleRequested outcome = Events.settleRequested(record);
    boolean placing = outcome.getInstruction() == order.instruction();
    boolean gaveUp =
        outcome.getReleasesList().stream()
            .anyMatch(release -> release.getReason() == OrderReason.ORDER_REASON_MATCH_FAILED);
    if (gaveUp) {
      deadLetter(
          MATCH, Topic.MATCH_DLQ, Topic.MATCH_REQUESTED, matchOffset, "could not be matched", 0);
    }
    add(MATCH, record, words.matched(outcome, placing), record.position(), gaveUp);
    Optional<LogRecord> refusal = refusal(record.position());
    if (refusal.isPresent()) {
      refused(record, refusal.get(), known);
    } else {
      if (gaveUp) {
        cancelled(record);
      }
      completed(record, gaveUp);
    }
  }

  private Optional<LogRecord> refusal(long outcome) {
    return log.find(
        Topic.MATCH_CANCEL_REQUESTED,
        0,
        Tracer::refusedOutcome,
        outcome,
        record -> refusedOutcome(record) == outcome);
  }

  private static long refusedOutcome(LogRecord record) {
    long number = Events.matchCancelRequested(record).getOutcomeNumber();
    return number == 0 ? SagaLog.NO_KEY : number;
  }

  private void refused(LogRecord outcome, LogRecord record, SortedMap<Long, LogRecord> known) {
    MatchCancelRequested refusal = Events.matchCancelRequested(record);
    deadLetter(
        SETTLE,
        Topic.SETTLE_DLQ,
        Topic.SETTLE_REQUESTED,
        outcome.offset(),
        "the refused outcome is put aside",
        outcome.position());
    add(SETTLE, record, words.refused(refusal), outcome.position(), true);
    Optional<LogRecord> undo =
        known.values().stream()
            .filter(each -> Events.undoes(Events.settleRequested(each)))
            .findFirst()
            .or(() -> undoOf(outcome, record));
    undo.ifPresent(this::undone);
  }

  private Optional<LogRecord> undoOf(LogRecord outcome, LogRecord refusal) {
    long instruction = Events.instruction(outcome);
    return log.after(
        Topic.SETTLE_REQUESTED,
        refusal.timeMillis(),
        record ->
            record.position() > outcome.position()
                && Events.instruction(record) == instruction
                && isOurs(record)
                && Events.undoes(Events.settleRequested(record)));
  }

  private void undone(LogRecord undo) {
    add(MATCH, undo, words.undone(Events.settleRequested(undo)), undo.position(), true);
    cancelled(undo);
    completed(undo, true);
  }

  /** The order is to be cancelled, if it is among those. */
  private void cancelled(LogRecord outcome) {
    long instruction = Events.instruction(outcome);
    log.after(
            Topic.ORDER_CANCEL_REQUESTED,
            outcome.timeMillis(),
            record -> Events.instruction(record) == instruction && isOurs(record))
        .ifPresent(record -> {
          OrderReason reason = Events.orderCancelRequested(record).getReason();
          add(MATCH, record, TraceWords.toBeCancelled(reason), outcome.position(), true);
          updated(instruction, CANCELLING, record, outcome.position());
        });
  }

  /** What the ledger made of an outcome that it did not refuse; nothing if it has not yet. */
  private void completed(LogRecord outcome, boolean compensation) {
    Optional<OrderLeg> leg = facts.leg(outcome.position());
    String what = leg.map(words::settled).orElseGet(TraceWords::settledWithoutLeg);
    Optional<LogRecord> completed = completionOf(outcome);
    completed.ifPresentOrElse(
        record -> {
          add(SETTLE, record, what, outcome.position(), compensation);
          updated(Events.instruction(outcome), SETTLED, record, outcome.position());
        },
        () ->
            leg.ifPresent(settled ->
                steps.add(
                    step(SETTLE, Topic.SETTLE_COMPLETED, completed, settled.getTimeMicros(), what)
                        .setOutcome(outcome.position())
                        .setCompensation(compensation)
                        .build())));
  }

  /** Every outcome is answered by one record: by its completion, or by the wish to undo it. */
  private Optional<LogRecord> completionOf(LogRecord outcome) {
    long number = outcome.position() - refusedBefore(outcome.position());
    return log.numbered(Topic.SETTLE_COMPLETED, number)
        .filter(record -> Events.instruction(record) == Events.instruction(outcome))
        .filter(this::isOurs);
  }

  private long refusedBefore(long outcome) {
    return log.find(
            Topic.MATCH_CANCEL_REQUESTED,
            0,
            Tracer::refusedOutcome,
            outcome + 1,
            record -> refusedOutcome(record) > outcome && record.position() > 0)
        .map(next -> next.position() - 1)
        .orElseGet(() -> log.lastNumber(Topic.MATCH_CANCEL_REQUESTED));
  }

  /** An outcome that the log does not have any more, as the journal has it. */
  private void settledLongAgo(OrderLeg leg) {
    steps.add(
        step(
                MATCH,
                Topic.SETTLE_REQUESTED,
                Optional.empty(),
                leg.getTimeMicros(),
                words.settled(leg))
            .setSeq(leg.getOutcome())
            .setOutcome(leg.getOutcome())
            .build());
  }

  // ---- steps

  private void updated(long instruction, Set<UpdateStage> stages, LogRecord cause, long outcome) {
    Predicate<LogRecord> wanted =
        record -> {
          OrderUpdated update = Events.orderUpdated(record);
          return update.getInstruction() == instruction
              && stages.contains(update.getStage())
              && Events.tells(update, order.orderId());
        };
    boolean compensation = stages == CANCELLING;
    log.after(Topic.ORDER_UPDATED, cause.timeMillis(), wanted)
        .ifPresent(record ->
            add(
                ORDER,
                record,
                TraceWords.updated(Events.orderUpdated(record)),
                outcome,
                compensation));
  }

  private void deadLetter(
      String service, Topic dlq, Topic source, long sourceOffset, String what, long outcome) {
    if (sourceOffset < 0) {
      return;
    }
    log.find(
            dlq,
            0,
            letter -> Events.sourceOffset(letter, source).orElse(SagaLog.NO_KEY),
            sourceOffset,
            letter -> Events.sourceOffset(letter, source).orElse(-1) == sourceOffset)
        .ifPresent(letter ->
            steps.add(
                step(service, dlq, Optional.of(letter), 0, what)
                    .setOutcome(outcome)
                    .setCompensation(true)
                    .setDeadLetterId(
                        "%s/%d/%d".formatted(dlq, facts.partition(), letter.position()))
                    .build()));
  }

  private void add(
      String service, LogRecord record, String what, long outcome, boolean compensation) {
    steps.add(
        step(service, record.topic(), Optional.of(record), 0, what)
            .setOutcome(outcome)
            .setCompensation(compensation)
            .build());
  }

  /**
   * @param otherwiseMicros its time if the log does not have the record
   */
  private SagaStep.Builder step(
      String service, Topic topic, Optional<LogRecord> record, long otherwiseMicros, String what) {
    SagaStep.Builder step =
        SagaStep.newBuilder()
            .setService(service)
            .setTopic(topic.topicName)
            .setPartition(facts.partition())
            .setTime(
                record
                    .map(LogRecord::timeMillis)
                    .map(Times::ofMillis)
                    .orElseGet(() -> Times.ofMicros(otherwiseMicros)))
            .setWhat(what);
    record.ifPresent(found -> {
      step.setOffset(found.offset());
      if (topic.numbered()) {
        step.setSeq(found.position());
      }
    });
    return step;
  }

  private boolean isOurs(LogRecord record) {
    return Events.isAbout(record, order.orderId());
  }
}
