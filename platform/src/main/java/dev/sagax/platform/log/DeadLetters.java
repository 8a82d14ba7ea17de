package dev.sagax.platform.log;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowIterator;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dead letters of one service, for the people who decide about them. A decision is made once:
 * who asks for the same again gets it as it was made, also when two ask at the same time.
 *
 * <p>A replay has three steps: its intent is committed; the record is appended to its source topic
 * under the row's lock; the row says so. A crash in between leaves REPLAYING, and the next replay
 * appends again. That is safe, because the step that reads the topic decides an id once for ever.
 */
public final class DeadLetters {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

  /** Longer than an append may take, so that who waits for another's replay sees how it ended. */
  private static final String LOCK_TIMEOUT = "set local lock_timeout = '8s'";

  private static final String BY_ID = " where topic = $1 and partition = $2 and seq = $3";

  private final String table;
  private final List<Topic> topics;
  private final Pool db;
  private final KafkaLogAppender log;
  private final FaultInjector faults;
  private final Optional<FaultPoint> beforeAppend;
  private final Optional<FaultPoint> afterAppend;

  /**
   * @param saga the service's, which says what dead-letter topics it writes
   */
  public DeadLetters(SagaDefinition saga, Pool db, KafkaLogAppender log, FaultInjector faults) {
    this.table = saga.schema() + ".dead_letter";
    this.topics = saga.outputs().stream().filter(Topic::isDeadLetters).toList();
    this.db = db;
    this.log = log;
    this.faults = faults;
    this.beforeAppend = FaultPoint.of(saga.service(), "DLQ_BEFORE_APPEND");
    this.afterAppend = FaultPoint.of(saga.service(), "DLQ_AFTER_APPEND");
  }

  /** The dead-letter topics of this service. */
  public List<Topic> topics() {
    return topics;
  }

  /**
   * In the order of topic, partition and number.
   *
   * @param topic only of this topic; null for all of them
   * @param state only those in this state; null for all
   * @param after only those behind this one; null from the first on
   * @param most at most this many
   */
  public Future<List<DeadLetter>> list(
      Topic topic, DeadLetter.State state, DeadLetter.Id after, int most) {
    String query =
        "select "
            + DeadLetterRows.LETTER
            + " from "
            + table
            + " where ($1::text is null or topic = $1) and ($2::text is null or state = $2)"
            + " and (topic, partition, seq) > ($3, $4, $5)"
            + " order by topic, partition, seq limit $6";
    Tuple parameters =
        Tuple.tuple()
            .addString(topic == null ? null : topic.topicName)
            .addString(state == null ? null : state.name())
            .addString(after == null ? "" : after.topic().topicName)
            .addInteger(after == null ? -1 : after.partition())
            .addLong(after == null ? -1 : after.seq())
            .addInteger(most);
    return db.preparedQuery(query)
        .execute(parameters)
        .map(rows -> {
          List<DeadLetter> letters = new ArrayList<>();
          rows.forEach(row -> letters.add(DeadLetterRows.letter(row)));
          return letters;
        });
  }

  /** One with its record; fails with a refusal DEAD_LETTER_NOT_FOUND. */
  public Future<DeadLetter.Whole> find(DeadLetter.Id id) {
    return find(db, id, "");
  }

  private Future<DeadLetter.Whole> find(SqlClient client, DeadLetter.Id id, String lock) {
    return client
        .preparedQuery("select " + DeadLetterRows.WHOLE + " from " + table + BY_ID + lock)
        .execute(key(id))
        .map(rows -> {
          RowIterator<Row> found = rows.iterator();
          if (!found.hasNext()) {
            throw Refusal.ofField(
                    Reason.DEAD_LETTER_NOT_FOUND,
                    "dead_letter_id",
                    "There is no dead letter " + id + ".")
                .asException();
          }
          return DeadLetterRows.whole(found.next());
        });
  }

  /**
   * Sends the record to its source topic again. Fails with a refusal NOT_REPLAYABLE,
   * DEAD_LETTER_DECIDED if it was discarded, or as {@link LogAppender#append} when the broker does
   * not acknowledge; then it is REPLAYING, and asking again ends it.
   */
  public Future<DeadLetter> replay(DeadLetter.Id id, DeadLetter.Decision decision) {
    return find(id)
        .map(whole -> requireReplayable(whole.letter()))
        .compose(letter -> decide(id, DeadLetter.State.REPLAYING, decision))
        .compose(decided -> appendOnce(id));
  }

  private static DeadLetter requireReplayable(DeadLetter letter) {
    if (!letter.isReplayable()) {
      throw Refusal.of(
              Reason.NOT_REPLAYABLE,
              ("Dead letter %s was read from %s, whose records only its one writing step can number; a record"
                      + " that is appended from outside is ignored. Its order has been ended already; discard"
                      + " the dead letter, and let the client place a new order.")
                  .formatted(letter.id(), letter.source()))
          .asException();
    }
    return letter;
  }

  /** Throws the record away, with a reason; fails with DEAD_LETTER_DECIDED if it was replayed. */
  public Future<DeadLetter> discard(DeadLetter.Id id, DeadLetter.Decision decision) {
    return decide(id, DeadLetter.State.DISCARDED, decision)
        .compose(v -> find(id))
        .map(whole -> requireNotReplayed(whole.letter()));
  }

  private static DeadLetter requireNotReplayed(DeadLetter letter) {
    return switch (letter.state()) {
      case DISCARDED -> letter;
      case REPLAYING ->
          throw decided(letter, "is being replayed; replay it again to see how that ended");
      case REPLAYED -> throw decided(letter, "was replayed already");
      case OPEN -> throw new IllegalStateException("Nobody decided about " + letter.id());
    };
  }

  private static RefusedException decided(DeadLetter letter, String how) {
    return Refusal.of(
            Reason.DEAD_LETTER_DECIDED,
            "Dead letter %s %s (by %s).".formatted(letter.id(), how, letter.decision().by()))
        .with("state", letter.state().name())
        .asException();
  }

  /** Only the first decision about an open one is written. */
  private Future<Void> decide(
      DeadLetter.Id id, DeadLetter.State state, DeadLetter.Decision decision) {
    return db.preparedQuery(
            "update "
                + table
                + " set state = $4, decided_by = $5, decided_micros = $6, reason = $7"
                + BY_ID
                + " and state = 'OPEN'")
        .execute(
            key(id)
                .addString(state.name())
                .addString(decision.by())
                .addLong(decision.micros())
                .addString(decision.why()))
        .map(rows -> {
          if (rows.rowCount() > 0) {
            LOG.info("Dead letter {} is {} by={}", id, state, decision.by());
          }
          return null;
        });
  }

  private Future<DeadLetter> appendOnce(DeadLetter.Id id) {
    return db.withTransaction(locked ->
            locked
                .query(LOCK_TIMEOUT)
                .execute()
                .compose(v -> find(locked, id, " for update"))
                .compose(whole -> appendOnce(locked, whole)))
        .recover(DeadLetters::unknownIfAway);
  }

  private Future<DeadLetter> appendOnce(SqlConnection locked, DeadLetter.Whole whole) {
    DeadLetter letter = whole.letter();
    return switch (letter.state()) {
      case REPLAYED -> Future.succeededFuture(letter);
      case DISCARDED -> throw decided(letter, "was discarded already");
      case OPEN -> throw new IllegalStateException("Nobody decided about " + letter.id());
      case REPLAYING ->
          append(whole)
              .compose(offset -> replayed(locked, letter.id(), offset))
              .compose(v -> find(locked, letter.id(), ""))
              .map(DeadLetter.Whole::letter);
    };
  }

  private Future<Long> append(DeadLetter.Whole whole) {
    DeadLetter letter = whole.letter();
    beforeAppend.ifPresent(point -> faults.pass(point, 1));
    return log.append(letter.source(), letter.id().partition(), whole.content())
        .map(offset -> {
          afterAppend.ifPresent(point -> faults.pass(point, 1));
          return offset;
        });
  }

  private Future<Void> replayed(SqlConnection locked, DeadLetter.Id id, long offset) {
    return locked
        .preparedQuery("update " + table + " set state = 'REPLAYED', replay_offset = $4" + BY_ID)
        .execute(key(id).addLong(offset))
        .mapEmpty();
  }

  /** The record may be in the log when PostgreSQL goes away before the row can say so. */
  private static Future<DeadLetter> unknownIfAway(Throwable failure) {
    if (failure instanceof RefusedException || !Faults.isInfrastructure(failure)) {
      return Future.failedFuture(failure);
    }
    return Future.failedFuture(
        Refusal.of(
                Reason.OUTCOME_UNKNOWN,
                "It is not known whether the record was appended again; replay it again to see.")
            .asException());
  }

  private static Tuple key(DeadLetter.Id id) {
    return Tuple.of(id.topic().topicName, id.partition(), id.seq());
  }
}
