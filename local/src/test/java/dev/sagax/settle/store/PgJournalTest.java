package dev.sagax.settle.store;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.settle.Bucket;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Hold;
import dev.sagax.settle.Journal;
import dev.sagax.settle.JournalImage;
import dev.sagax.settle.OpenHold;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Verdict;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PgJournalTest {
  private static final Verdict.Held HELD = new Verdict.Held();
  private static final Verdict.InsufficientFunds SHORT = new Verdict.InsufficientFunds();
  private static final long EPOCH = 1;
  private static final long HUGE = (1L << 62) - 1;
  private static Vertx vertx;
  private static PostgresFixture postgres;

  private PgJournal journal;

  @BeforeAll
  static void start(@TempDir Path home) {
    vertx = Vertx.vertx();
    postgres = new PostgresFixture(vertx, home);
  }

  @AfterAll
  static void stop() {
    postgres.close();
    await(vertx.close());
  }

  @BeforeEach
  void emptyJournal() {
    postgres.wipe();
    journal = new PgJournal(postgres.pool);
    await(journal.beginEpoch(EPOCH));
  }

  @Test
  void journalsDecisionsWithTheirPositionAtOnce() {
    long none = await(journal.holdPosition(3)).position();

    boolean recorded =
        await(
            journal.recordHolds(
                EPOCH,
                new Stretch(3, none, 9),
                List.of(hold(2, "a", "alice", HUGE), hold(7, "b", "bob", 5)),
                List.of(HELD, SHORT)));

    assertThat(none).isEqualTo(-1);
    assertThat(recorded).isTrue();
    assertThat(await(journal.holdPosition(3)).position()).isEqualTo(9);
    assertThat(await(journal.decidedHolds(3, List.of(2L, 5L, 7L))))
        .isEqualTo(
            Map.of(
                2L, new Journal.DecidedHold(id("a"), HELD),
                7L, new Journal.DecidedHold(id("b"), SHORT)));
    JournalImage image = await(journal.image());
    assertThat(image.positions()).containsEntry(new FlowPartition(Flow.HOLD, 3), 9L);
    assertThat(image.openHolds())
        .containsExactly(new OpenHold(id("a"), 3, "alice", "KRW", HUGE, 4, 77));
    assertThat(image.entries()).isEqualTo(2);
    assertThat(image.contradictions()).isEmpty();
    assertThat(image.sums().get("KRW"))
        .containsEntry(Bucket.HELD, BigInteger.valueOf(HUGE))
        .containsEntry(Bucket.AVAILABLE, BigInteger.valueOf(-HUGE));
  }

  @Test
  void writesNothingIfAnotherReplicaMovedThePosition() {
    await(journal.holdPosition(0));
    await(
        journal.recordHolds(
            EPOCH, new Stretch(0, -1, 4), List.of(hold(1, "a", "alice", 5)), List.of(HELD)));

    boolean recorded =
        await(
            journal.recordHolds(
                EPOCH, new Stretch(0, -1, 6), List.of(hold(5, "b", "alice", 5)), List.of(HELD)));

    assertThat(recorded).isFalse();
    assertThat(await(journal.holdPosition(0)).position()).isEqualTo(4);
    assertThat(await(journal.image()).openHolds()).hasSize(1);
    assertThat(await(journal.image()).entries()).isEqualTo(2);
  }

  @Test
  void takesNoDecisionOfAnOlderEpoch() {
    Journal.HoldPosition before = await(journal.holdPosition(0));
    PgFrozenJournal rebuild = await(PgFrozenJournal.connect(vertx, postgres.server.uri()));
    await(rebuild.freeze("test", 5, false));
    await(rebuild.close());

    boolean recorded =
        await(
            journal.recordHolds(
                before.epoch(),
                new Stretch(0, -1, 4),
                List.of(hold(1, "a", "alice", 5)),
                List.of(HELD)));

    assertThat(recorded).isFalse();
    assertThat(await(journal.holdPosition(0)))
        .isEqualTo(new Journal.HoldPosition(-1, EPOCH + 1, true));
    assertThat(await(journal.image()).entries()).isZero();
  }

  @Test
  void batchWithoutHoldsMovesThePosition() {
    await(journal.holdPosition(0));

    assertThat(await(journal.recordHolds(EPOCH, new Stretch(0, -1, 40), List.of(), List.of())))
        .isTrue();

    assertThat(await(journal.holdPosition(0)).position()).isEqualTo(40);
  }

  @Test
  void pagesThroughOpenHoldsInTheOrderOfTheirIds() {
    await(journal.holdPosition(0));
    List<Hold> holds =
        List.of(hold(0, "a", "alice", 1), hold(1, "b", "bob", 2), hold(2, "c", "alice", 3));
    await(journal.recordHolds(EPOCH, new Stretch(0, -1, 2), holds, List.of(HELD, HELD, HELD)));
    List<String> all = holds.stream().map(Hold::orderId).sorted().toList();

    List<OpenHold> first = openHolds("", Journal.HoldPlace.TOP, 2);
    List<OpenHold> rest = openHolds("", Journal.HoldPlace.of(first.getLast()), 2);
    List<OpenHold> ofAlice = openHolds("alice", Journal.HoldPlace.TOP, 10);

    assertThat(first).extracting(OpenHold::orderId).isEqualTo(all.subList(0, 2));
    assertThat(rest).extracting(OpenHold::orderId).isEqualTo(all.subList(2, 3));
    assertThat(ofAlice).extracting(OpenHold::amountUnits).containsExactlyInAnyOrder(1L, 3L);
  }

  private List<OpenHold> openHolds(String account, Journal.HoldPlace after, int limit) {
    return await(journal.openHolds(account, Long.MAX_VALUE, after, limit));
  }

  @Test
  void imageHasEveryOpenHoldThoughTheyAreReadInPages() {
    await(journal.holdPosition(0));
    List<Hold> holds =
        IntStream.range(0, 4).mapToObj(i -> hold(i, "order" + i, "alice", 1 + i)).toList();
    await(
        journal.recordHolds(EPOCH, new Stretch(0, -1, 3), holds, List.of(HELD, HELD, SHORT, HELD)));

    for (int pageSize : List.of(1, 2, 3, 100)) {
      var image = await(postgres.pool.withTransaction(db -> new JournalFold(db, pageSize).read()));

      assertThat(image.openHolds())
          .extracting(OpenHold::amountUnits)
          .containsExactlyInAnyOrder(1L, 2L, 4L);
    }
    assertThat(await(journal.image()).openHolds()).hasSize(3);
  }

  /** Even where it also sums to zero, so that no other check could see it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "set filled = filled + 1",
        "set filled_quote = filled_quote + 1",
        "set fee = fee + 1",
        "set amount = amount + 1",
        "set hold_left = hold_left - 1",
        "set left_units = 0",
        "set verdict = 2"
      })
  void orderWhoseFiguresAreNotTheSumOfItsLegsIsNamed(String damage) {
    postgres.fillJournal(400, 10);
    assertThat(await(journal.image()).contradictions()).isEmpty();

    await(
        postgres
            .pool
            .query(
                "update ledger.hold %s where order_id in (md5('o7')::uuid, md5('o10')::uuid)"
                    .formatted(damage))
            .execute());

    assertThat(await(journal.image()).contradictions())
        .singleElement()
        .asString()
        .startsWith(
            "The journal's figures of order 5e7494662ea04ad8e731cc25c6140eb6 are not the sum of its legs: of");
  }

  @Test
  void fillThatIsThereTwiceOrOfNobodyIsFound() {
    postgres.fillJournal(400, 10);
    await(
        postgres
            .pool
            .query(
                """
                insert into ledger.leg select position, partition, 1, order_id, pay, released, receive,
                  fee, time_micros, account, pay_asset, receive_asset
                from ledger.leg where order_id = md5('o7')::uuid\
                """)
            .execute());
    assertThat(await(journal.image()).contradictions())
        .singleElement()
        .asString()
        .contains("its legs paid 1000 for 1000, fee 2, released 0, and ended it 0 times");

    await(
        postgres.pool.query("delete from ledger.hold where order_id = md5('o7')::uuid").execute());
    assertThat(await(journal.image()).contradictions())
        .singleElement()
        .asString()
        .endsWith("but has no hold of it.");
  }

  @Test
  void firstPositionThatDoesNotSumToZeroIsNamed() {
    postgres.fillJournal(400, 10);
    await(postgres.pool.query("update ledger.leg set receive = 500 where position >= 8").execute());

    assertThat(await(journal.image()).contradictions())
        .first()
        .asString()
        .isEqualTo("The journal's entries at settle:0 position 8 sum to 1 KRW, not to zero.");
  }

  @Test
  void journalThatCannotBeReadHasNoImage() {
    await(
        postgres
            .pool
            .query(
                """
                create or replace view ledger.entry as
                select 1 as flow, 0 as partition, 1::bigint as position, 'alice'::text as account,
                  'KRW'::text as asset, 99 as bucket, 0::bigint as units, null::uuid as subject,
                  1 as kind, 0::bigint as time_micros\
                """)
            .execute());
    try {
      assertThatThrownBy(() -> await(journal.image())).hasMessageContaining("98");
    } finally {
      postgres.migrate();
    }
  }

  @Test
  void stateSaysWhetherAnythingWasEverJournaled() {
    postgres.wipe();

    assertThat(await(journal.state()).empty()).isTrue();
    assertThat(await(journal.state()).epoch()).isEmpty();

    assertThat(await(journal.beginEpoch(1))).isEqualTo(1);
    assertThat(await(journal.beginEpoch(7))).isEqualTo(1);
    await(journal.holdPosition(0));
    assertThat(await(journal.state()).empty()).isTrue();
    assertThat(await(journal.state()).epoch()).hasValue(1);

    await(journal.recordHolds(EPOCH, new Stretch(0, -1, 40), List.of(), List.of()));
    assertThat(await(journal.state()).empty()).isFalse();
  }

  /** However often an order was filled, its saga reads its newest legs and counts some more. */
  @Test
  void legsOfAnOrderAreReadFromTheNewestOnAndNotAllOfThem() {
    legs("often", 20_000);
    legs("seldom", 60);
    await(postgres.pool.query("analyze ledger.leg").execute());

    OrderJournal often = await(OrderJournal.read(postgres.pool, 0, id("often"), 50));
    OrderJournal seldom = await(OrderJournal.read(postgres.pool, 0, id("seldom"), 50));
    String plan = plan(OrderJournal.range(0, id("often"), 50));

    assertThat(often.legs())
        .extracting(OrderJournal.JournaledLeg::position)
        .hasSize(50)
        .startsWith(19_951L)
        .endsWith(20_000L)
        .isSorted();
    assertThat(often.legsLeftOut()).isEqualTo(OrderJournal.MOST_COUNTED);
    assertThat(seldom.legs()).hasSize(50);
    assertThat(seldom.legsLeftOut()).isEqualTo(10);
    assertThat(await(OrderJournal.read(postgres.pool, 0, id("never"), 50)).legsLeftOut()).isZero();
    assertThat(plan).contains("leg_of_order").doesNotContain("Sort").doesNotContain("rows=20000");
  }

  private static void legs(String order, int count) {
    await(
        postgres
            .pool
            .preparedQuery(
                """
                insert into ledger.leg(position, partition, leg, order_id, pay, released, receive, fee,
                  time_micros, account, pay_asset, receive_asset)
                select n, 0, $3, $1, 1, null, 1, 0, n, 'alice', 'KRW', 'BTC'
                from generate_series(1, $2::int) as n\
                """)
            .execute(Tuple.of(Ids.uuid(id(order)), count, count)));
  }

  private static String plan(Tuple range) {
    StringBuilder plan = new StringBuilder();
    await(
            postgres
                .pool
                .preparedQuery("explain (analyze, costs off, timing off) " + OrderJournal.LEGS)
                .execute(range))
        .forEach(row -> plan.append(row.getString(0)).append('\n'));
    return plan.toString();
  }

  private static Hold hold(long position, String order, String account, long amount) {
    return new Hold(position, id(order), account, "KRW", amount, 4, 77);
  }

  private static String id(String name) {
    return DeterministicId.orderId("test", "TEST", name);
  }
}
