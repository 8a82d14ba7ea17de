package dev.sagax.settle.redis;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.rpc.Health;
import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.Balance;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Hold;
import dev.sagax.settle.Journal;
import dev.sagax.settle.Ledger;
import dev.sagax.settle.LedgerPage;
import dev.sagax.settle.LedgerPages;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerUnavailableException;
import dev.sagax.settle.Leg;
import dev.sagax.settle.Settlement;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.TransferInstruction;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.WithdrawalEnd;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger in Redis, over one pipelined connection that is made anew when it is lost. Safe to
 * call from any event loop; answers come on the caller's.
 */
public final class RedisLedger implements Ledger, LedgerPages {
  private static final Logger LOG = LoggerFactory.getLogger(RedisLedger.class);
  private static final String DEPENDENCY = "ledger";
  private static final long TIMEOUT_MILLIS = 5_000;

  /** A script blocks Redis; larger batches are cut into several calls of some 10 ms. */
  private static final int MAX_RECORDS = 200;

  private static final int MAX_LEGS = 1_000;

  /** Steps are fenced by their version: after a rebuild they read their positions anew. */
  private static final Consumer<RedisSession> ANY_EPOCH = session -> {};

  private final Vertx vertx;
  private final String uri;
  private final Journal journal;
  private final Health health;
  private final FaultInjector faults;
  private Future<RedisSession> session;
  private boolean closed;

  /** Why the ledger was refused, told once however often it is looked at. */
  private volatile String refusal = "";

  public RedisLedger(
      Vertx vertx, String uri, Journal journal, Health health, FaultInjector faults) {
    this.faults = faults;
    this.vertx = vertx;
    this.uri = uri;
    this.journal = journal;
    this.health = health;
  }

  /**
   * Connects and checks that this ledger may be written to.
   *
   * @return fails with {@link LedgerRefusedException} if a person has to repair something first
   */
  public Future<Void> open() {
    return onCallersLoop(() -> session().<Void>mapEmpty()).recover(RedisLedger::translate);
  }

  /**
   * Succeeds if the ledger can be used now. Connects again if the connection was lost, the ledger
   * rebuilt, or what was wrong with it is repaired.
   */
  public Future<Void> ping() {
    return here(() -> session().compose(this::requireEpoch));
  }

  /** What was read before it is the ledger's: nobody else had begun to write there. */
  private Future<Void> requireEpoch(RedisSession session) {
    return session
        .send(Command.GET, LedgerKeys.EPOCH)
        .map(reply -> {
          String epoch = reply == null ? "" : reply.toString();
          if (!epoch.equals(Long.toString(session.epoch()))) {
            throw standsStill(session, fenced(epoch));
          }
          return null;
        });
  }

  public synchronized Future<Void> close() {
    closed = true;
    if (session != null) {
      session.onSuccess(RedisSession::close);
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<List<Verdict.OfHold>> hold(long epoch, Stretch stretch, List<Hold> holds) {
    return run(
        session -> requireOpenUnder(epoch, session),
        new Job<>(LedgerScript.HOLD, Flow.HOLD, VerdictWords::ofHold),
        stretch,
        Cut.of(holds, stretch, Hold::position, hold -> 1, most(LedgerScript.HOLD)),
        (call, batch) -> {
          call.key(LedgerKeys.holds(stretch.partition()));
          call.key(LedgerKeys.FROZEN);
          batch.forEach(hold -> add(call, hold));
        });
  }

  /** The session must be of the epoch whose journal the caller has read. */
  private void requireOpenUnder(long journaled, RedisSession session) {
    if (session.epoch() < journaled) {
      throw standsStill(session, fenced(Long.toString(journaled)));
    }
    if (session.epoch() > journaled) {
      throw new LedgerUnavailableException(
          "The ledger has been rebuilt under epoch %d, but the position was journaled under epoch %d; ask again."
              .formatted(session.epoch(), journaled));
    }
  }

  private static void add(ScriptCall call, Hold hold) {
    call.arg(hold.position())
        .arg(call.key(LedgerKeys.account(hold.account())))
        .arg(hold.orderId())
        .arg(hold.asset())
        .arg(hold.amountUnits())
        .arg(hold.leftUnits())
        .arg(hold.declined() ? 1 : 0);
  }

  @Override
  public Future<List<Verdict.OfSettlement>> settle(Stretch stretch, List<Settlement> settlements) {
    return run(
        ANY_EPOCH,
        new Job<>(LedgerScript.SETTLE, Flow.SETTLE, VerdictWords::ofSettlement),
        stretch,
        Cut.of(
            settlements,
            stretch,
            Settlement::position,
            settlement -> settlement.legs().size(),
            most(LedgerScript.SETTLE)),
        (call, batch) -> {
          call.key(LedgerKeys.holds(stretch.partition()));
          call.key(LedgerKeys.FEES);
          batch.forEach(settlement -> add(call, settlement));
        });
  }

  private static void add(ScriptCall call, Settlement settlement) {
    Map<String, Long> fees = settlement.fees();
    call.arg(settlement.position()).arg(settlement.legs().size()).arg(fees.size());
    settlement.legs().forEach(leg -> add(call, leg));
    fees.forEach((asset, units) -> call.arg(asset).arg(units));
  }

  private static void add(ScriptCall call, Leg leg) {
    call.arg(leg.orderId())
        .arg(call.key(LedgerKeys.account(leg.account())))
        .arg(leg.payAsset())
        .arg(leg.payUnits())
        .arg(leg.receiveAsset())
        .arg(leg.receiveUnits())
        .arg(leg.takenLeftUnits());
  }

  @Override
  public Future<List<Verdict.OfTransfer>> transfer(
      Stretch stretch, List<? extends TransferInstruction> transfers) {
    return run(
        ANY_EPOCH,
        new Job<>(LedgerScript.TRANSFER, Flow.TRANSFER, VerdictWords::ofTransfer),
        stretch,
        Cut.<TransferInstruction>of(
            List.copyOf(transfers),
            stretch,
            TransferInstruction::position,
            transfer -> 1,
            most(LedgerScript.TRANSFER)),
        (call, batch) -> {
          call.key(LedgerKeys.SUPPLY);
          call.key(LedgerKeys.holds(stretch.partition()));
          call.key(LedgerKeys.FROZEN);
          batch.forEach(transfer -> add(call, transfer));
        });
  }

  private static void add(ScriptCall call, TransferInstruction instruction) {
    call.arg(instruction.position()).arg(call.key(LedgerKeys.account(instruction.account())));
    switch (instruction) {
      case Transfer transfer ->
          call.arg(word(transfer.direction()))
              .arg(transfer.asset())
              .arg(transfer.amountUnits())
              .arg(transfer.transferId());
      case WithdrawalEnd end ->
          call.arg(word(end.ending()))
              .arg(end.asset())
              .arg(end.amountUnits())
              .arg(end.transferId());
      case AccountFreeze freeze -> call.arg(freeze.frozen() ? "F" : "U").arg("").arg("").arg("");
    }
  }

  private static String word(Transfer.Direction direction) {
    return switch (direction) {
      case DEPOSIT -> "D";
      case WITHDRAWAL -> "W";
      case HELD_WITHDRAWAL -> "H";
    };
  }

  private static String word(WithdrawalEnd.Ending ending) {
    return switch (ending) {
      case CONFIRMED -> "C";
      case RETURNED -> "R";
    };
  }

  @Override
  public Future<List<Balance>> balances(String account) {
    return here(() ->
        session()
            .compose(s ->
                s.send(Command.HGETALL, LedgerKeys.account(account))
                    .compose(reply -> requireEpoch(s).map(reply)))
            .map(reply -> List.copyOf(ImageReader.balances(reply).values())));
  }

  @Override
  public Future<LedgerPage> page(
      int partitions, Collection<String> accounts, Collection<LedgerPage.HoldKey> holds) {
    return here(() -> session().compose(s -> new PageReader(s).page(partitions, accounts, holds)));
  }

  @Override
  public Future<Scanned> scanAccounts(String cursor, int count) {
    return here(() -> session().compose(s -> new PageReader(s).scanAccounts(cursor, count)));
  }

  @Override
  public Future<Scanned> scanHolds(int partition, String cursor, int count) {
    return here(
        () -> session().compose(s -> new PageReader(s).scanHolds(partition, cursor, count)));
  }

  /** How many holds are open in each partition, of orders and of withdrawals. */
  public Future<List<Long>> countHolds(int partitions) {
    return here(() ->
        session()
            .compose(s -> {
              PageReader reader = new PageReader(s);
              return Future.all(
                      IntStream.range(0, partitions).mapToObj(reader::countHolds).toList())
                  .map(all -> all.<Long>list());
            }));
  }

  @Override
  public Future<List<String>> doubtfulSettings() {
    return here(() -> session().compose(s -> new RedisSettings(s).doubtful()));
  }

  /** A fault between two cuts needs two cuts, however small the batch is. */
  private int most(LedgerScript script) {
    return faults.isArmed(script.mid) ? 1 : MAX_RECORDS;
  }

  /** Which script does it, for which flow, and what its verdicts mean. */
  private record Job<V>(LedgerScript script, Flow flow, Function<String, V> verdict) {}

  /** A piece of a batch that is small enough for one script call: positions in (previous, end]. */
  private record Cut<T>(long previous, long end, List<T> records) {

    static <T> List<Cut<T>> of(
        List<T> records,
        Stretch stretch,
        ToLongFunction<T> position,
        ToIntFunction<T> legs,
        int most) {
      List<Cut<T>> cuts = new ArrayList<>();
      long previous = stretch.previous();
      List<T> now = new ArrayList<>();
      int weight = 0;
      for (T record : records) {
        int more = legs.applyAsInt(record);
        if (now.size() == most || (!now.isEmpty() && weight + more > MAX_LEGS)) {
          long end = position.applyAsLong(now.getLast());
          cuts.add(new Cut<>(previous, end, now));
          previous = end;
          now = new ArrayList<>();
          weight = 0;
        }
        now.add(record);
        weight += more;
      }
      cuts.add(new Cut<>(previous, stretch.end(), now));
      return cuts;
    }
  }

  /**
   * One cut after the other, each with a time-out of its own. However heavy a batch is, what others
   * ask for comes between its cuts.
   */
  private <T, V> Future<List<V>> run(
      Consumer<RedisSession> require,
      Job<V> job,
      Stretch stretch,
      List<Cut<T>> cuts,
      BiConsumer<ScriptCall, List<T>> fill) {
    return here(() ->
        session()
            .compose(session -> {
              require.accept(session);
              List<V> all = new ArrayList<>();
              Future<?> done = Future.succeededFuture();
              int asked = cuts.stream().mapToInt(cut -> cut.records().size()).sum();
              for (Cut<T> cut : cuts) {
                done =
                    done.compose(v -> {
                      boolean first = cut == cuts.getFirst();
                      faults.pass(
                          first ? job.script().before : job.script().mid, asked - all.size());
                      ScriptCall call = call(session, job, stretch, cut);
                      fill.accept(call, cut.records());
                      return verdicts(session, job, call, cut.records().size()).map(all::addAll);
                    });
              }
              return done.map(v -> {
                faults.pass(job.script().after, asked);
                return all;
              });
            }));
  }

  private static ScriptCall call(RedisSession session, Job<?> job, Stretch stretch, Cut<?> cut) {
    FlowPartition log = new FlowPartition(job.flow(), stretch.partition());
    ScriptCall call = new ScriptCall(job.script());
    call.key(LedgerKeys.EPOCH);
    call.key(LedgerKeys.DIRTY);
    call.key(LedgerKeys.log(log));
    boolean first = cut.previous() == stretch.previous();
    return call.arg(session.epoch())
        .arg(job.flow().beforeFirst)
        .arg(cut.previous())
        .arg(first ? Long.toString(stretch.previous()) : "")
        .arg(cut.end())
        .arg(cut.records().size())
        .arg(log + " to " + cut.end());
  }

  private <V> Future<List<V>> verdicts(
      RedisSession session, Job<V> job, ScriptCall call, int records) {
    return session
        .send(call.bySha())
        .recover(failure ->
            failure instanceof ErrorType && failure.getMessage().startsWith("NOSCRIPT")
                ? session.send(call.byText())
                : Future.failedFuture(failure))
        .map(reply -> read(session, job, reply, records));
  }

  private <V> List<V> read(RedisSession session, Job<V> job, Response reply, int records) {
    String word = reply.get(0).toString();
    if (!word.equals("OK")) {
      throw refused(session, job.flow(), word, reply.get(1).toString());
    }
    if (reply.size() != records + 1) {
      throw new IllegalStateException(
          "The ledger gave %d verdicts for %d records.".formatted(reply.size() - 1, records));
    }
    List<V> verdicts = new ArrayList<>(records);
    for (int i = 1; i <= records; i++) {
      verdicts.add(job.verdict().apply(reply.get(i).toString()));
    }
    return verdicts;
  }

  private RuntimeException refused(RedisSession session, Flow flow, String word, String detail) {
    return switch (word) {
      case "FENCED" -> standsStill(session, fenced(detail));
      case "DIRTY" ->
          standsStill(
              session,
              "A script of the ledger broke off midway (%s); rebuild the ledger: ./sagax ledger rebuild."
                  .formatted(detail));
      case "GAP" ->
          standsStill(
              session,
              "The ledger has applied %s records only up to position %s: it went back in time; rebuild it: ./sagax ledger rebuild."
                  .formatted(flow.word, detail));
      case "LOST" -> // Somebody went on from here and the journal has it: load again and ask it.
          new LedgerUnavailableException(
              "The ledger has applied %s position %s, but its verdict is only in the journal."
                  .formatted(flow.word, detail));
      case "DUPLICATE" ->
          new IllegalStateException(
              "Order %s has an open hold from another position.".formatted(detail));
      default -> new IllegalStateException("The ledger said " + word + " " + detail + ".");
    };
  }

  private static String fenced(String epoch) {
    if (epoch.isEmpty()) {
      return "Redis has lost the ledger.";
    }
    return epoch.startsWith(LedgerKeys.REBUILDING)
        ? "The ledger is being rebuilt."
        : "The ledger has been rebuilt under epoch %s; this process opens it anew."
            .formatted(epoch);
  }

  /** The next who asks opens the ledger anew, if it can be opened; if not, that says the repair. */
  private LedgerUnavailableException standsStill(RedisSession old, String sentence) {
    if (drop(old)) {
      LOG.error("The ledger stands still: {}", sentence);
      health.report(DEPENDENCY, false, sentence);
    }
    return new LedgerUnavailableException(sentence);
  }

  /** False if it was dropped before: many calls may hear the same on one connection. */
  private synchronized boolean drop(RedisSession old) {
    boolean current = session != null && session.result() == old;
    if (current) {
      session = null;
      old.close();
    }
    return current;
  }

  private synchronized Future<RedisSession> session() {
    if (closed) {
      return Future.failedFuture(new LedgerUnavailableException("The ledger is closed."));
    }
    if (session == null || session.failed()) {
      session = connect();
    }
    return session;
  }

  private Future<RedisSession> connect() {
    return RedisSession.connect(vertx, uri, TIMEOUT_MILLIS)
        .compose(fresh ->
            new LedgerOpening(vertx, fresh, journal, faults)
                .open()
                .onFailure(failure -> fresh.close()))
        .onSuccess(this::opened)
        .onFailure(this::notOpened);
  }

  private void notOpened(Throwable failure) {
    health.report(DEPENDENCY, false, failure.getMessage());
    if (failure instanceof LedgerRefusedException && !failure.getMessage().equals(refusal)) {
      LOG.error("The ledger needs a person: {}", failure.getMessage());
      refusal = failure.getMessage();
    }
  }

  private void opened(RedisSession fresh) {
    fresh.whenLost(() -> lost(fresh));
    health.report(DEPENDENCY, true, "");
    refusal = "";
    LOG.info("The ledger is open epoch={}", fresh.epoch());
  }

  private synchronized void lost(RedisSession old) {
    if (session != null && session.result() == old) {
      session = null;
      if (!closed) {
        health.report(DEPENDENCY, false, "The connection to Redis is lost.");
      }
    }
  }

  /** To who asks for something, a ledger that needs a person is one that cannot answer now. */
  private <T> Future<T> here(Supplier<Future<T>> work) {
    return onCallersLoop(work)
        .recover(failure ->
            failure instanceof LedgerRefusedException
                ? Future.failedFuture(new LedgerUnavailableException(failure.getMessage(), failure))
                : translate(failure));
  }

  /** Whoever asks gets the answer on its own event loop, whichever loop the connection lives on. */
  private <T> Future<T> onCallersLoop(Supplier<Future<T>> work) {
    Promise<T> answer = ((ContextInternal) vertx.getOrCreateContext()).promise();
    work.get().onComplete(answer);
    return answer.future();
  }

  private static <T> Future<T> translate(Throwable failure) {
    return Future.failedFuture(
        failure instanceof ErrorType
            ? new LedgerUnavailableException("Redis says: " + failure.getMessage(), failure)
            : failure);
  }
}
