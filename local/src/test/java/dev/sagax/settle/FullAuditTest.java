package dev.sagax.settle;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.local.e2e.Eventually;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.settle.redis.RedisFixture;
import dev.sagax.settle.redis.RedisLedger;
import dev.sagax.settle.redis.RedisSite;
import dev.sagax.settle.store.PgAuditJournal;
import dev.sagax.settle.store.PgFrozenJournal;
import dev.sagax.settle.store.PgJournal;
import dev.sagax.settle.store.PgLedgerStates;
import dev.sagax.settle.store.PostgresFixture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit of everything, on a real Redis and a real PostgreSQL, while everything moves. */
class FullAuditTest {
  private static final int PARTITIONS = 2;
  private static final int AUDITS = 25;
  private static final int QUIET_ACCOUNTS = 450;

  /** One before accounts are listed, then 200 accounts a page. */
  private static final int ALL_PAGES = 4;

  private static final long SHORT_MILLIS = 200;
  private static RedisFixture redis;
  private static PostgresFixture postgres;

  private RedisLedger ledger;
  private PgJournal journal;
  private PgLedgerStates states;
  private final Journalist books = new Journalist();
  private final AtomicLong moves = new AtomicLong();
  private final List<Future<Void>> movers = new ArrayList<>();
  private volatile boolean stopped;

  @BeforeAll
  static void start(@TempDir Path home) {
    redis = new RedisFixture(home);
    postgres = new PostgresFixture(redis.vertx, home);
  }

  @AfterAll
  static void stop() {
    postgres.close();
    redis.close();
  }

  @BeforeEach
  void openLedger() {
    redis.empty();
    postgres.wipe();
    journal = new PgJournal(postgres.pool);
    ledger = redis.ledger(journal);
    await(ledger.open());
    states = new PgLedgerStates(postgres.pool);
    await(books.depositMany("quiet", QUIET_ACCOUNTS));
    await(books.deposit(0, "alice", 10_000));
    await(books.hold("rests", "alice", 700));
  }

  @AfterEach
  void rest() {
    stopped = true;
    movers.forEach(RedisFixture::await);
  }

  @Test
  void isCleanAtTheFirstAttemptWhileEverythingMoves() {
    move();
    int between = 0;

    for (int n = 0; n < AUDITS; n++) {
      Recorded pages = new Recorded();
      AuditReport report = await(audit(pages).run());
      assertThat(report.findings()).isEmpty();
      assertThat(report.figures()).hasSize(1);
      assertConserved(report.figures().getFirst());
      between += pages.moved() ? 1 : 0;
    }

    assertThat(between).isGreaterThan(AUDITS / 2);
  }

  private static void assertConserved(AssetFigures krw) {
    assertThat(krw.available().add(krw.held()).add(krw.fees())).isEqualTo(krw.supply());
    assertThat(krw.holds()).isEqualTo(krw.held());
    assertThat(krw.journalSum()).isZero();
  }

  @Test
  void plantedUnitIsFoundAndNamedWhileEverythingMoves() {
    move();

    assertFound("{ledger}:acct:trader3", "KRW:a", 1, "Account trader3 has");
    assertFound("{ledger}:acct:trader3", "KRW:h", 1, "Account trader3 has");
    assertFound("{ledger}:acct:quiet449", "KRW:a", -1, "Account quiet449 has");
    assertFound("{ledger}:acct:mallory", "KRW:a", 1, "Account mallory has 1 KRW available");
    assertFound("{ledger}:fees", "KRW", 1, "KRW is not conserved");
    assertFound("{ledger}:supply", "KRW", -1, "KRW is not conserved");
    assertFound("{ledger}:hold:0", id("rests"), 1, "The hold of order " + id("rests"));
    assertFound("{ledger}:hold:0", id("rests") + ":l", 1, "The hold of order " + id("rests"));
    assertThat(await(audit(ledger).run()).findings()).isEmpty();
  }

  private void assertFound(String key, String field, long units, String finding) {
    redis.command(Command.HINCRBY, key, field, Long.toString(units));
    assertThat(await(audit(ledger).run()).findings()).first().asString().startsWith(finding);
    redis.command(Command.HINCRBY, key, field, Long.toString(-units));
  }

  @Test
  void holdThatTheJournalDoesNotKnowIsFound() {
    redis.command(Command.HSET, "{ledger}:hold:1", id("strange"), "5", id("strange") + ":l", "5");

    assertThat(await(audit(ledger).run()).findings())
        .containsExactly(
            "The hold of order %s is 5 units for 5 left in the ledger, but not open by the journal."
                .formatted(id("strange")),
            "Partition 1 has 1 open holds in the ledger, but 0 by the journal.");
  }

  @Test
  void holdThatLostAHalfIsFound() {
    redis.command(Command.HDEL, "{ledger}:hold:0", id("rests"));

    assertThat(await(audit(ledger).run()).findings())
        .contains("Partition 0 has 1 halves of open holds in the ledger, but 1 by the journal.");
  }

  @Test
  void whatMovesBetweenTheFoldAndTheFirstPageIsPartOfTheCut() {
    await(books.hold("ends", "alice", 300));
    LedgerPages pages =
        new Interrupted(
            0,
            () ->
                books
                    .deposit(1, "newcomer", 1_000)
                    .compose(v -> books.hold("young", "alice", 600))
                    .compose(v -> books.settle("young", "alice", 100, 0, 500))
                    .compose(v -> books.settle("ends", "alice", 100, 200, 0)));

    AuditReport report = await(audit(pages).run());

    assertThat(report.findings()).isEmpty();
    assertThat(report.journalEntries()).isEqualTo(entries());
    assertConserved(report.figures().getFirst());
  }

  @Test
  void withdrawalsThatMoveBetweenTheFoldAndTheFirstPageArePartOfTheCut() {
    await(books.withdraw("confirmed", "alice", 300));
    await(books.withdraw("returned", "alice", 20));
    await(books.withdraw("stays", "alice", 1));
    LedgerPages pages = new Interrupted(0, this::someWithdrawals);

    AuditReport report = await(audit(pages).run());

    assertThat(report.findings()).isEmpty();
    assertThat(report.journalEntries()).isEqualTo(entries());
    assertConserved(report.figures().getFirst());
  }

  @Test
  void withdrawalsThatMoveAfterTheirPageAreBroughtForward() {
    await(books.withdraw("confirmed", "alice", 300));
    await(books.withdraw("returned", "alice", 20));
    LedgerPages pages = new Interrupted(2, this::someWithdrawals);

    AuditReport report = await(audit(pages).run());

    assertThat(report.findings()).isEmpty();
    assertThat(report.journalEntries()).isEqualTo(entries());
    assertConserved(report.figures().getFirst());
  }

  private Future<?> someWithdrawals() {
    return books
        .end("confirmed", "alice", 300, 1)
        .compose(v -> books.end("returned", "alice", 20, 2))
        .compose(v -> books.withdraw("young", "alice", 40))
        .compose(v -> books.withdraw("short", "alice", 5))
        .compose(v -> books.end("short", "alice", 5, 2));
  }

  @Test
  void aDamagedHoldOfAWithdrawalIsFound() {
    await(books.withdraw("stays", "alice", 30));

    assertFound("{ledger}:hold:1", id("stays"), 1, "The hold of order " + id("stays"));
    assertFound("{ledger}:hold:1", id("stays") + ":l", 1, "The hold of order " + id("stays"));
  }

  @Test
  void whatMovesAfterItsPageIsBroughtForward() {
    LedgerPages pages =
        new Interrupted(
            2,
            () ->
                books
                    .deposit(1, "alice", 1_000)
                    .compose(v -> books.hold("young", "alice", 600))
                    .compose(v -> books.settle("rests", "alice", 100, 600, 0)));

    AuditReport report = await(audit(pages).run());

    assertThat(report.findings()).isEmpty();
    assertThat(report.journalEntries()).isEqualTo(entries());
    assertConserved(report.figures().getFirst());
  }

  private static long entries() {
    return await(postgres.pool.query("select count(*) from ledger.entry").execute())
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void whatIsLeftOfAnOrderThatMovedMeanwhileIsComparedToo() {
    LedgerPages pages =
        new Interrupted(
            0,
            () ->
                books
                    .hold("young", "alice", 600)
                    .compose(v -> books.settle("young", "alice", 100, 0, 500))
                    .compose(v ->
                        redis.vertx.executeBlocking(() ->
                            redis.command(
                                Command.HINCRBY, "{ledger}:hold:0", id("young") + ":l", "1"))));

    assertThat(await(audit(pages).run()).findings())
        .containsExactly(
            "Of order %s 501 units can still be filled by the ledger, but 500 by the journal."
                .formatted(id("young")));
  }

  @Test
  void accountThatIsLostWithWhatItGotMeanwhileIsFound() {
    LedgerPages pages =
        new Interrupted(
            0,
            () ->
                books
                    .deposit(1, "newcomer", 1_000)
                    .compose(v ->
                        redis.vertx.executeBlocking(
                            () -> redis.command(Command.DEL, "{ledger}:acct:newcomer"))));

    assertThat(await(audit(pages).run()).findings())
        .first()
        .asString()
        .startsWith("Account newcomer has 0 KRW available and 0 held in the ledger, but 1000");
  }

  @Test
  void valueThatIsNoNumberIsAFinding() {
    redis.command(Command.HSET, "{ledger}:acct:alice", "KRW:a", "many");

    assertThat(await(audit(ledger).run()).findings())
        .singleElement()
        .asString()
        .contains("a value that is no number of units");
  }

  @Test
  void dirtyMarkIsTheFirstFinding() {
    redis.command(Command.SET, "{ledger}:dirty", "settle:0 to 7");

    assertThat(await(audit(ledger).run()).findings())
        .containsExactly("A script of the ledger broke off midway (settle:0 to 7).");
  }

  @Test
  void entriesThatDoNotSumToZeroAreFoundAlsoIfTheyAreYoung() {
    LedgerPages pages =
        new Interrupted(
            0,
            () ->
                books
                    .settle("rests", "alice", 100, 0, 600)
                    .compose(v -> books.sql("update ledger.leg set fee = fee + 1")));

    assertThat(await(audit(pages).run()).findings())
        .first()
        .asString()
        .isEqualTo("The journal's entries at settle:0 position 1 sum to 1 KRW, not to zero.");
  }

  @Test
  void ledgerThatIsAheadOfItsJournalCannotBeAudited() {
    long next = QUIET_ACCOUNTS / PARTITIONS;
    await(
        ledger.transfer(
            new Stretch(1, next - 1, next), List.of(books.transfer(1, next, "alice", 5))));

    assertThatThrownBy(() -> await(audit(ledger).run()))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining(
            "The ledger has applied transfer:1 up to position 225, which is not journaled yet.");
  }

  /** The old ledger gave the units to alice; by the replayed log they are bob's. */
  @Test
  void ledgerThatIsRebuiltAfterItsLastPageCannotBeAudited() {
    long next = QUIET_ACCOUNTS / PARTITIONS;
    await(
        ledger.transfer(
            new Stretch(1, next - 1, next), List.of(books.transfer(1, next, "alice", 5))));
    LedgerPages pages =
        new Recorded() {
          @Override
          public Future<LedgerPage> page(
              int partitions, Collection<String> accounts, Collection<LedgerPage.HoldKey> holds) {
            return super.page(partitions, accounts, holds)
                .compose(page ->
                    read.size() == ALL_PAGES
                        ? books
                            .sql("update ledger.epoch set epoch = 2")
                            .compose(
                                v -> books.journal(1, List.of(books.transfer(1, next, "bob", 5))))
                            .map(page)
                        : Future.succeededFuture(page));
          }
        };

    assertThatThrownBy(() -> await(audit(pages).run()))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("The ledger was rebuilt under epoch 2 while it was read.");
  }

  @Test
  void ledgerIsOpenedAfterABreachWhileEverythingMoves() {
    move();
    LedgerGate gate = new LedgerGate(states, desk(), InstantSource.system());

    for (int n = 0; n < 3; n++) {
      await(books.sql("update ledger.epoch set state = 'CANCEL_ONLY', reason = 'a breach'"));
      redis.command(Command.HINCRBY, "{ledger}:acct:trader1", "KRW:a", "1");
      assertThatThrownBy(() -> await(gate.open("operator")))
          .hasMessageContaining("stays CANCEL_ONLY: Account trader1 has");
      redis.command(Command.HINCRBY, "{ledger}:acct:trader1", "KRW:a", "-1");
      assertThat(await(gate.open("operator")).mode()).isEqualTo(LedgerMode.OPEN);
    }
  }

  @Test
  void rebuiltLedgerOpensWhileEverythingMoves() {
    rebuild();
    await(ledger.ping().otherwiseEmpty().compose(v -> ledger.open()));
    move();
    LedgerReplay replay =
        new LedgerReplay(
            states,
            journal,
            () -> journal.state().map(JournalState::positions),
            desk(),
            InstantSource.system());

    await(replay.look());

    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.OPEN);
    assertThat(await(states.current()).epoch()).isEqualTo(2);
  }

  @Test
  void rebuiltLedgerWithAPlantedUnitTakesNoOrdersThoughEverythingMoves() {
    rebuild();
    await(ledger.ping().otherwiseEmpty().compose(v -> ledger.open()));
    redis.command(Command.HINCRBY, "{ledger}:acct:quiet7", "KRW:a", "1");
    move();
    LedgerReplay replay =
        new LedgerReplay(
            states,
            journal,
            () -> Future.succeededFuture(Map.of()),
            desk(),
            InstantSource.system());

    await(replay.look());

    assertThat(await(states.current()).mode()).isEqualTo(LedgerMode.CANCEL_ONLY);
    assertThat(await(states.current()).reason()).startsWith("Account quiet7 has");
  }

  private void rebuild() {
    RedisSite site =
        await(RedisSite.connect(redis.vertx, redis.rebuildUri(), UUID.randomUUID().toString()));
    await(
        PgFrozenJournal.connect(redis.vertx, postgres.server.uri())
            .compose(frozen ->
                new LedgerRebuild(frozen, site, InstantSource.system(), stage -> {})
                    .run("test", false)
                    .eventually(frozen::close))
            .onComplete(done -> site.close()));
  }

  private AuditDesk desk() {
    return new AuditDesk(audit(ledger));
  }

  private FullAudit audit(LedgerPages pages) {
    return new FullAudit(
        redis.vertx,
        journal,
        new PgAuditJournal(postgres.pool),
        pages,
        PARTITIONS,
        InstantSource.system(),
        stopped || movers.isEmpty() ? SHORT_MILLIS : 60_000);
  }

  // ---- what moves

  /** From now on, until the test ends, transfers and orders move without a rest. */
  private void move() {
    movers.add(
        again(n -> books.deposit(n % PARTITIONS, n % 9 == 0 ? "new" + n : trader(n), 1_000)));
    movers.add(again(this::trade));
    movers.add(again(this::withdraw));
    Eventually.passes(() -> assertThat(moves.get()).isGreaterThan(40));
  }

  private static String trader(int number) {
    return "trader" + number % 7;
  }

  /** Each order is placed, then settled in part, then ended. */
  private Future<?> trade(int n) {
    return books
        .deposit(0, trader(n), 600)
        .compose(v -> books.hold("moving" + n, trader(n), 600))
        .compose(v ->
            n < 3
                ? Future.succeededFuture()
                : books.settle("moving" + (n - 3), trader(n - 3), 100, 0, 500))
        .compose(v ->
            n < 6
                ? Future.succeededFuture()
                : books.settle("moving" + (n - 6), trader(n - 6), 100, 400, 0));
  }

  /** Each withdrawal is held, and later confirmed or returned. */
  private Future<?> withdraw(int n) {
    return books
        .deposit(1, trader(n), 300)
        .compose(v -> books.withdraw("leaving" + n, trader(n), 200))
        .compose(v ->
            n < 3
                ? Future.succeededFuture()
                : books.end("leaving" + (n - 3), trader(n - 3), 200, 1 + n % 2));
  }

  private Future<Void> again(IntFunction<Future<?>> move) {
    Promise<Void> done = Promise.promise();
    again(0, move, done);
    return done.future();
  }

  private void again(int number, IntFunction<Future<?>> move, Promise<Void> done) {
    if (stopped) {
      done.complete();
      return;
    }
    move.apply(number)
        .onFailure(done::fail)
        .onSuccess(v -> {
          moves.incrementAndGet();
          again(number + 1, move, done);
        });
  }

  /** Applies and journals, as the services do: a moment passes in between. */
  private final class Journalist {
    private static final String MOVE_POSITION =
        """
        insert into ledger.step_input(service, partition, topic, position, next_offset)
        values ('settle-svc', $1, $2, $3, 0)
        on conflict (service, partition, topic) do update set position = excluded.position\
        """;

    private final long[] transferred = new long[PARTITIONS];
    private final List<Future<?>> queues = new ArrayList<>();
    private long held = Flow.HOLD.beforeFirst;
    private long settled = Flow.SETTLE.beforeFirst;

    Journalist() {
      Arrays.fill(transferred, Flow.TRANSFER.beforeFirst);
      for (int partition = 0; partition < PARTITIONS; partition++) {
        queues.add(Future.succeededFuture());
      }
    }

    Future<?> sql(String statement) {
      return postgres.pool.query(statement).execute();
    }

    private Future<?> moment() {
      return redis.vertx.timer(1);
    }

    /** One after the other within a partition, as one loop would do it. */
    synchronized Future<?> deposit(int partition, String account, long units) {
      long position = ++transferred[partition];
      Transfer deposit = transfer(partition, position, account, units);
      Future<?> mine =
          queues
              .get(partition)
              .transform(before ->
                  ledger.transfer(new Stretch(partition, position - 1, position), List.of(deposit)))
              .compose(v -> moment())
              .compose(v -> journal(partition, List.of(deposit)));
      queues.set(partition, mine);
      return mine;
    }

    Transfer transfer(int partition, long position, String account, long units) {
      String request = "t" + partition + "/" + position;
      return new Transfer(
          position, id(request), Transfer.Direction.DEPOSIT, account, request, "KRW", units, 7);
    }

    private Future<?> journal(int partition, List<Transfer> deposits) {
      String rows =
          deposits.stream()
              .map(d ->
                  "('%s', %d, %d, '%s', '%s', 1, 'KRW', %d, 7, 1)"
                      .formatted(
                          uuid(d.transferId()),
                          partition,
                          d.position(),
                          d.account(),
                          d.requestId(),
                          d.amountUnits()))
              .collect(Collectors.joining(", "));
      return postgres.pool.withTransaction(db ->
          db.query(
                  """
                  insert into ledger.transfer(transfer_id, partition, position, account, request_id,
                    direction, asset, amount, time_micros, verdict)
                  values %s\
                  """
                      .formatted(rows))
              .execute()
              .compose(v ->
                  db.preparedQuery(MOVE_POSITION)
                      .execute(
                          Tuple.of(
                              partition, "transfer.requested", deposits.getLast().position()))));
    }

    /** Funds of the account are held, in partition 1. */
    synchronized Future<?> withdraw(String name, String account, long units) {
      long position = ++transferred[1];
      Transfer withdrawal =
          new Transfer(
              position,
              id(name),
              Transfer.Direction.HELD_WITHDRAWAL,
              account,
              name,
              "KRW",
              units,
              7);
      return apply(
          position,
          withdrawal,
          """
          insert into ledger.transfer(transfer_id, partition, position, account, request_id,
            direction, asset, amount, time_micros, verdict)
          values ('%s', 1, %d, '%s', '%s', 3, 'KRW', %d, 7, 1)\
          """
              .formatted(uuid(id(name)), position, account, name, units));
    }

    /** The withdrawal is confirmed (1) or returned (2). */
    synchronized Future<?> end(String name, String account, long units, int ending) {
      long position = ++transferred[1];
      WithdrawalEnd end =
          new WithdrawalEnd(
              position,
              id(name),
              WithdrawalEnd.Ending.ofCode(ending),
              account,
              "KRW",
              units,
              "operator",
              "reason",
              7);
      return apply(
          position,
          end,
          """
          insert into ledger.withdrawal_end(transfer_id, partition, position, account, asset, amount,
            ending, operator, reason, time_micros)
          values ('%s', 1, %d, '%s', 'KRW', %d, %d, 'operator', 'reason', 7)\
          """
              .formatted(uuid(id(name)), position, account, units, ending));
    }

    private Future<?> apply(long position, TransferInstruction instruction, String row) {
      Future<?> mine =
          queues
              .get(1)
              .transform(before ->
                  ledger.transfer(new Stretch(1, position - 1, position), List.of(instruction)))
              .onSuccess(
                  verdicts -> assertThat(verdicts).containsExactly(new Verdict.Transferred()))
              .compose(v -> moment())
              .compose(v ->
                  postgres.pool.withTransaction(db ->
                      db.query(row)
                          .execute()
                          .compose(done ->
                              db.preparedQuery(MOVE_POSITION)
                                  .execute(Tuple.of(1, "transfer.requested", position)))));
      queues.set(1, mine);
      return mine;
    }

    /** Deposits of as many accounts, half of them in each partition. */
    Future<?> depositMany(String name, int accounts) {
      List<Future<?>> all = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        List<Transfer> deposits = new ArrayList<>();
        for (int n = partition; n < accounts; n += PARTITIONS) {
          deposits.add(transfer(partition, ++transferred[partition], name + n, 5));
        }
        int here = partition;
        Stretch stretch = new Stretch(partition, -1, transferred[partition]);
        all.add(ledger.transfer(stretch, deposits).compose(v -> journal(here, deposits)));
      }
      return Future.all(all);
    }

    Future<?> hold(String order, String account, long units) {
      long position = ++held;
      Stretch stretch = new Stretch(0, position - 1, position);
      List<Hold> holds = List.of(new Hold(position, id(order), account, "KRW", units, units, 7));
      return journal
          .holdPosition(0)
          .compose(from ->
              ledger
                  .hold(from.epoch(), stretch, holds)
                  .compose(verdicts ->
                      moment()
                          .compose(
                              v -> journal.recordHolds(from.epoch(), stretch, holds, verdicts))));
    }

    /** The account pays a part of its hold to itself, less a fee of a tenth. */
    Future<?> settle(String order, String account, long pays, long released, long left) {
      long position = ++settled;
      long fee = pays / 10;
      Leg leg =
          new Leg(
              id(order), account, "KRW", pays, "KRW", pays - fee, fee, pays, released, pays, pays);
      return ledger
          .settle(
              new Stretch(0, position - 1, position),
              List.of(new Settlement(position, 7, List.of(leg))))
          .onSuccess(verdicts ->
              assertThat(verdicts)
                  .containsExactly(
                      new Verdict.Settled(
                          List.of(left == 0 ? OptionalLong.of(released) : OptionalLong.empty()))))
          .compose(v -> moment())
          .compose(v -> journal(leg, position, left == 0 ? released : null, left));
    }

    private Future<?> journal(Leg leg, long position, Long released, long left) {
      return postgres.pool.withTransaction(db ->
          db.preparedQuery(
                  """
                  insert into ledger.leg(position, partition, leg, order_id, pay, released, receive,
                    fee, time_micros, account, pay_asset, receive_asset)
                  values ($1, 0, 0, $2, $3, $4, $5, $6, 7, $7, 'KRW', 'KRW')\
                  """)
              .execute(
                  Tuple.of(
                      position,
                      uuid(leg.orderId()),
                      leg.payUnits(),
                      released,
                      leg.receiveUnits(),
                      leg.feeUnits(),
                      leg.account()))
              .compose(v ->
                  db.preparedQuery(
                          """
                          update ledger.hold set hold_left = $2, left_units = $2, filled = filled + $3,
                            filled_quote = filled_quote + $3, fee = fee + $4
                          where order_id = $1\
                          """)
                      .execute(Tuple.of(uuid(leg.orderId()), left, leg.payUnits(), leg.feeUnits())))
              .compose(v ->
                  db.preparedQuery(MOVE_POSITION)
                      .execute(Tuple.of(0, "settle.requested", position))));
    }
  }

  private static String id(String name) {
    return DeterministicId.orderId("test", "TEST", name);
  }

  private static UUID uuid(String id) {
    return UUID.fromString(id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
  }

  // ---- how it is read

  /** The ledger, whose pages are remembered. */
  private class Recorded implements LedgerPages {
    final List<LedgerPage> read = new ArrayList<>();

    boolean moved() {
      return !read.get(1).marks().equals(read.get(3).marks());
    }

    @Override
    public Future<LedgerPage> page(
        int partitions, Collection<String> accounts, Collection<LedgerPage.HoldKey> holds) {
      return ledger.page(partitions, accounts, holds).onSuccess(read::add);
    }

    @Override
    public Future<Scanned> scanAccounts(String cursor, int count) {
      return ledger.scanAccounts(cursor, count);
    }

    @Override
    public Future<Scanned> scanHolds(int partition, String cursor, int count) {
      return ledger.scanHolds(partition, cursor, count);
    }

    @Override
    public Future<List<String>> doubtfulSettings() {
      return ledger.doubtfulSettings();
    }
  }

  /** The same, where something happens once so many pages were read. */
  private final class Interrupted extends Recorded {
    private final int pages;
    private final Supplier<Future<?>> event;
    private boolean happened;

    Interrupted(int pages, Supplier<Future<?>> event) {
      this.pages = pages;
      this.event = event;
    }

    @Override
    public Future<LedgerPage> page(
        int partitions, Collection<String> accounts, Collection<LedgerPage.HoldKey> holds) {
      if (happened || read.size() < pages) {
        return super.page(partitions, accounts, holds);
      }
      happened = true;
      return event.get().compose(v -> super.page(partitions, accounts, holds));
    }
  }
}
