package dev.sagax.settle.redis;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.settle.Balance;
import dev.sagax.settle.Hold;
import dev.sagax.settle.LedgerImage;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerUnavailableException;
import dev.sagax.settle.Leg;
import dev.sagax.settle.Settlement;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.Verdict;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisLedgerTest {
  private static final Verdict.Held HELD = new Verdict.Held();
  private static final Verdict.Transferred TRANSFERRED = new Verdict.Transferred();
  private static final Verdict.InsufficientFunds SHORT = new Verdict.InsufficientFunds();
  private static final Verdict.SupplyLimit TOO_MUCH = new Verdict.SupplyLimit();

  /** A double cannot tell it from the number after it. */
  private static final long ABOVE_DOUBLE = (1L << 53) + 4;

  private static final long LIMIT = 1L << 62;
  private static RedisFixture redis;

  private NoJournal journal;
  private RedisLedger ledger;
  private long transferred = -1;

  @BeforeAll
  static void start(@TempDir Path home) {
    redis = new RedisFixture(home);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void cleanLedger() {
    redis.wipe();
    journal = new NoJournal();
    ledger = redis.ledger(journal);
  }

  @Test
  void depositsHoldsAndSettlesToTheLastUnit() {
    deposit("alice", "KRW", 1000);
    deposit("bob", "BTC", 7);
    assertThat(hold(-1, 4, hold(1, "a", "alice", "KRW", 1000, 7), hold(4, "b", "bob", "BTC", 7, 7)))
        .containsExactly(HELD, HELD);

    List<Verdict.OfSettlement> verdicts =
        settle(
            0,
            settlement(
                1,
                leg("a", "alice", "KRW", 900, "BTC", 6, 1, 7),
                leg("b", "bob", "BTC", 7, "KRW", 899, 1, 7)));

    assertThat(verdicts).containsExactly(settled(100, 0));
    assertThat(await(ledger.balances("alice")))
        .containsExactly(new Balance("BTC", 6, 0), new Balance("KRW", 100, 0));
    assertThat(await(ledger.balances("bob")))
        .containsExactly(new Balance("BTC", 0, 0), new Balance("KRW", 899, 0));
    LedgerImage image = redis.image();
    assertThat(image.fees()).containsEntry("BTC", 1L).containsEntry("KRW", 1L);
    assertThat(image.holds()).isEmpty();
  }

  @Test
  void holdGoesOnWhileSomethingIsLeft() {
    deposit("alice", "KRW", 1000);
    hold(-1, 0, hold(0, "a", "alice", "KRW", 1000, 10));

    List<Verdict.OfSettlement> verdicts =
        settle(0, settlement(1, leg("a", "alice", "KRW", 300, "BTC", 3, 0, 3)));

    assertThat(verdicts).containsExactly(new Verdict.Settled(List.of(OptionalLong.empty())));
    assertThat(redis.image().holds()).containsEntry(id("a"), new LedgerImage.HoldFigures(700, 7));
  }

  @Test
  void releaseWithoutFillGivesTheWholeHoldBack() {
    deposit("alice", "KRW", 1000);
    hold(-1, 0, hold(0, "a", "alice", "KRW", 1000, 10));

    List<Verdict.OfSettlement> verdicts =
        settle(
            0,
            settlement(1, leg("a", "alice", "KRW", 0, "BTC", 0, 0, 4)),
            settlement(2, leg("a", "alice", "KRW", 0, "BTC", 0, 0, 6)),
            settlement(3));

    assertThat(verdicts)
        .containsExactly(
            new Verdict.Settled(List.of(OptionalLong.empty())),
            settled(1000),
            new Verdict.Settled(List.of()));
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 1000, 0));
  }

  @Test
  void holdThatEndedIsNotReleasedAgain() {
    deposit("alice", "KRW", 2000);
    hold(-1, 1, hold(0, "a", "alice", "KRW", 1000, 10), hold(1, "b", "alice", "KRW", 1000, 10));

    settle(
        0,
        settlement(1, leg("a", "alice", "KRW", 0, "BTC", 0, 0, 10)),
        settlement(2, leg("a", "alice", "KRW", 0, "BTC", 0, 0, 10)));

    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 1000, 1000));
  }

  @Test
  void depositThatIsSentAgainIsCountedOnce() {
    Transfer deposit =
        new Transfer(0, id("t"), Transfer.Direction.DEPOSIT, "alice", "r", "KRW", 1000, 0);
    Stretch stretch = new Stretch(0, -1, 0);
    await(ledger.transfer(stretch, List.of(deposit)));

    assertThat(await(ledger.transfer(stretch, List.of(deposit)))).containsExactly(TRANSFERRED);

    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 1000, 0));
    assertThat(redis.image().supply()).containsEntry("KRW", 1000L);
  }

  @Test
  void replayedBatchChangesNothingAndAnswersTheSame() {
    deposit("alice", "KRW", 1000);
    Hold[] holds = {hold(0, "a", "alice", "KRW", 600, 1), hold(1, "b", "alice", "KRW", 600, 1)};
    List<Verdict.OfHold> first = hold(-1, 1, holds);
    LedgerImage before = redis.image();

    List<Verdict.OfHold> second = hold(-1, 1, holds);

    assertThat(first).containsExactly(HELD, SHORT).isEqualTo(second);
    assertThat(redis.image()).isEqualTo(before);
  }

  @Test
  void overlappingBatchAppliesOnlyWhatIsNew() {
    deposit("alice", "KRW", 1000);
    hold(-1, 1, hold(0, "a", "alice", "KRW", 600, 1), hold(1, "b", "alice", "KRW", 600, 1));

    List<Verdict.OfHold> verdicts =
        hold(
            -1,
            5,
            hold(0, "a", "alice", "KRW", 600, 1),
            hold(1, "b", "alice", "KRW", 600, 1),
            hold(5, "c", "alice", "KRW", 400, 1));

    assertThat(verdicts).containsExactly(HELD, SHORT, HELD);
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 0, 1000));
  }

  @Test
  void endOfASparseBatchMovesTheMark() {
    hold(-1, 41);

    assertThat(hold(41, 50)).isEmpty();
    assertThatThrownBy(() -> hold(51, 60))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("only up to position 50");
  }

  @Test
  void recordsAfterAGapAreRefused() {
    deposit("alice", "KRW", 1000);

    assertThatThrownBy(() -> hold(3, 4, hold(4, "a", "alice", "KRW", 10, 1)))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("went back in time");

    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 1000, 0));
  }

  @Test
  void processOfAnOldEpochIsFenced() {
    deposit("alice", "KRW", 1000);
    redis.command(Command.SET, LedgerKeys.EPOCH, "2");

    assertThatThrownBy(() -> hold(-1, 0, hold(0, "a", "alice", "KRW", 10, 1)))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("epoch 2");

    assertThat(redis.command(Command.EXISTS, LedgerKeys.holds(0)).toInteger()).isZero();
    assertThatThrownBy(() -> await(ledger.open())).isInstanceOf(LedgerRefusedException.class);
  }

  @Test
  void dirtyLedgerStandsStill() {
    deposit("alice", "KRW", 1000);
    redis.command(Command.SET, LedgerKeys.DIRTY, "settle:3 to 17");

    assertThatThrownBy(() -> hold(-1, 0, hold(0, "a", "alice", "KRW", 10, 1)))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("settle:3 to 17");

    assertThatThrownBy(() -> await(ledger.open()))
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("rebuild");
  }

  @Test
  void brokenScriptLeavesTheDirtyMark() {
    deposit("alice", "KRW", 1000);
    hold(-1, 0, hold(0, "a", "alice", "KRW", 1000, 10));
    redis.command(Command.HSET, LedgerKeys.account("alice"), "KRW:h", "5");

    assertThatThrownBy(
            () -> settle(0, settlement(1, leg("a", "alice", "KRW", 300, "BTC", 3, 0, 3))))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("fell below zero");

    assertThatThrownBy(() -> hold(0, 1, hold(1, "b", "alice", "KRW", 10, 1)))
        .hasMessageContaining("settle:0 to 1");
  }

  @Test
  void refusedOutcomeAppliesNothingAndNamesTheOrders() {
    deposit("alice", "KRW", 1000);
    deposit("bob", "BTC", 7);
    hold(-1, 1, hold(0, "a", "alice", "KRW", 1000, 5), hold(1, "b", "bob", "BTC", 7, 7));
    LedgerImage before = redis.image();

    List<Verdict.OfSettlement> verdicts =
        settle(
            0,
            settlement(
                1,
                leg("b", "bob", "BTC", 6, "KRW", 1001, 0, 6),
                leg("a", "alice", "KRW", 1001, "BTC", 5, 0, 5),
                leg("c", "carol", "KRW", 1, "BTC", 1, 0, 1)),
            settlement(2, leg("a", "alice", "KRW", 600, "BTC", 6, 0, 6)));

    assertThat(verdicts)
        .containsExactly(
            new Verdict.Refused(
                List.of(
                    new Verdict.OrderAtFault(id("a"), Verdict.Fault.HELD_TOO_LITTLE),
                    new Verdict.OrderAtFault(id("c"), Verdict.Fault.MISSING))),
            new Verdict.Refused(
                List.of(new Verdict.OrderAtFault(id("a"), Verdict.Fault.LEFT_TOO_LITTLE))));
    LedgerImage after = redis.image();
    assertThat(after.accounts()).isEqualTo(before.accounts());
    assertThat(after.holds()).isEqualTo(before.holds());
  }

  @Test
  void outcomeThatOnlyReleasesIsNeverRefusedAndReleasesWhatThereIs() {
    deposit("alice", "KRW", 1000);
    hold(
        -1,
        3,
        hold(0, "a", "alice", "KRW", 400, 4),
        hold(1, "b", "alice", "KRW", 300, 3),
        hold(2, "broken", "alice", "KRW", 100, 1),
        hold(3, "c", "alice", "KRW", 200, 2));
    redis.command(Command.HINCRBY, LedgerKeys.holds(0), id("broken"), "-101");

    List<Verdict.OfSettlement> verdicts =
        settle(
            0,
            settlement(
                1,
                leg("a", "alice", "KRW", 0, "BTC", 0, 0, 5),
                leg("gone", "bob", "KRW", 0, "BTC", 0, 0, 9),
                leg("b", "alice", "KRW", 0, "BTC", 0, 0, 1),
                leg("broken", "alice", "KRW", 0, "BTC", 0, 0, 1),
                leg("c", "alice", "KRW", 0, "BTC", 0, 0, 2)));

    assertThat(verdicts)
        .containsExactly(
            new Verdict.Settled(
                List.of(
                    OptionalLong.of(400),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.of(200))));
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 600, 400));
    assertThat(redis.image().holds())
        .containsEntry(id("b"), new LedgerImage.HoldFigures(300, 2))
        .containsEntry(id("broken"), new LedgerImage.HoldFigures(-1, 1))
        .hasSize(2);
  }

  @Test
  void amountsAboveTheRangeOfDoublesAreExact() {
    deposit("alice", "SAT", ABOVE_DOUBLE);

    assertThat(hold(-1, 0, hold(0, "a", "alice", "SAT", ABOVE_DOUBLE + 1, 1)))
        .containsExactly(SHORT);
    assertThat(withdraw("alice", "SAT", ABOVE_DOUBLE + 1)).isEqualTo(SHORT);
    assertThat(hold(0, 1, hold(1, "b", "alice", "SAT", ABOVE_DOUBLE - 1, 1))).containsExactly(HELD);
    assertThat(withdraw("alice", "SAT", 2)).isEqualTo(SHORT);
    assertThat(withdraw("alice", "SAT", 1)).isEqualTo(TRANSFERRED);
    assertThat(await(ledger.balances("alice")))
        .containsExactly(new Balance("SAT", 0, ABOVE_DOUBLE - 1));
  }

  @Test
  void supplyIsLimitedToTheLastUnit() {
    assertThat(deposit("alice", "SAT", LIMIT - 1)).isEqualTo(TRANSFERRED);
    assertThat(deposit("bob", "SAT", 2)).isEqualTo(TOO_MUCH);
    assertThat(deposit("bob", "SAT", Long.MAX_VALUE)).isEqualTo(TOO_MUCH);
    assertThat(deposit("bob", "SAT", 1)).isEqualTo(TRANSFERRED);
    assertThat(deposit("bob", "SAT", 1)).isEqualTo(TOO_MUCH);
    assertThat(withdraw("alice", "SAT", 5)).isEqualTo(TRANSFERRED);
    assertThat(deposit("bob", "SAT", 5)).isEqualTo(TRANSFERRED);

    LedgerImage image = redis.image();
    assertThat(image.supply()).containsEntry("SAT", LIMIT);
    assertThat(image.accounts().get("alice").get("SAT").availableUnits()).isEqualTo(LIMIT - 6);
    assertThat(image.accounts().get("bob").get("SAT").availableUnits()).isEqualTo(6);
  }

  @Test
  void largeBatchIsCutAndAnsweredWhole() {
    deposit("alice", "KRW", 700);
    List<Hold> holds = new ArrayList<>();
    for (int i = 0; i < 705; i++) {
      holds.add(hold(i * 2, "o" + i, "alice", "KRW", 1, 1));
    }

    List<Verdict.OfHold> verdicts = await(ledger.hold(1, new Stretch(0, -1, 2000), holds));
    List<Verdict.OfHold> again = await(ledger.hold(1, new Stretch(0, -1, 2000), holds));

    assertThat(verdicts).hasSize(705).isEqualTo(again);
    assertThat(verdicts.subList(0, 700)).allMatch(HELD::equals);
    assertThat(verdicts.subList(700, 705)).allMatch(SHORT::equals);
  }

  @Test
  void heavyBatchIsSettledInPiecesAndLetsOthersIn() {
    int outcomes = 200;
    int legs = 500;
    deposit("alice", "KRW", outcomes * legs);
    List<Hold> holds = new ArrayList<>();
    List<Settlement> settlements = new ArrayList<>();
    for (int i = 0; i < outcomes * legs; i++) {
      holds.add(hold(i, "o" + i, "alice", "KRW", 1, 1));
    }
    for (int o = 0; o < outcomes; o++) {
      List<Leg> released = new ArrayList<>();
      for (Hold hold : holds.subList(o * legs, (o + 1) * legs)) {
        released.add(
            new Leg(hold.orderId(), "alice", "KRW", 0, "BTC", 0, 0, 0, hold.leftUnits(), 0, 0));
      }
      settlements.add(new Settlement(o + 1, 0, released));
    }
    await(ledger.hold(1, new Stretch(0, -1, holds.size()), holds));
    long begin = System.nanoTime();

    var heavy = ledger.settle(new Stretch(0, 0, outcomes), settlements);
    await(ledger.balances("alice"));

    assertThat(heavy.isComplete()).isFalse();
    assertThat(await(heavy)).hasSize(outcomes).allMatch(v -> v instanceof Verdict.Settled);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    assertThat(await(ledger.balances("alice")))
        .containsExactly(new Balance("KRW", outcomes * legs, 0));
  }

  @Test
  void verdictsAreForgottenOnceTheJournalHasThem() {
    deposit("alice", "KRW", 700);
    hold(-1, 2, hold(0, "a", "alice", "KRW", 1, 1), hold(1, "b", "alice", "KRW", 1, 1));

    hold(1, 5, hold(5, "c", "alice", "KRW", 1, 1));
    assertThat(redis.command(Command.HGET, LedgerKeys.log(holdLog()), "1")).isNull();
    hold(5, 9, hold(9, "d", "alice", "KRW", 1, 1));

    assertThat(redis.command(Command.HKEYS, LedgerKeys.log(holdLog())).toString())
        .contains("mark", "9")
        .doesNotContain("5");
    assertThatThrownBy(() -> hold(-1, 1, hold(1, "b", "alice", "KRW", 1, 1)))
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("only in the journal");
  }

  @Test
  void secondHoldOfAnOpenOrderIsABug() {
    deposit("alice", "KRW", 700);
    hold(-1, 0, hold(0, "a", "alice", "KRW", 1, 1));

    assertThatThrownBy(() -> hold(0, 1, hold(1, "a", "alice", "KRW", 5, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("from another position");

    assertThat(hold(0, 2, hold(2, "b", "alice", "KRW", 5, 1))).containsExactly(HELD);
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 694, 6));
  }

  @Test
  void scriptsThatRedisForgotAreSentAgain() {
    deposit("alice", "KRW", 700);
    redis.command(Command.SCRIPT, "FLUSH");

    assertThat(hold(-1, 0, hold(0, "a", "alice", "KRW", 1, 1))).containsExactly(HELD);
  }

  @Test
  void connectsAgainAfterTheConnectionWasCut() {
    deposit("alice", "KRW", 700);
    redis.command(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");

    List<Verdict.OfHold> verdicts =
        await(
            ledger
                .hold(1, new Stretch(0, -1, 0), List.of(hold(0, "a", "alice", "KRW", 1, 1)))
                .recover(lost ->
                    ledger.hold(
                        1, new Stretch(0, -1, 0), List.of(hold(0, "a", "alice", "KRW", 1, 1)))));

    assertThat(verdicts).containsExactly(HELD);
  }

  private static dev.sagax.settle.FlowPartition holdLog() {
    return new dev.sagax.settle.FlowPartition(dev.sagax.settle.Flow.HOLD, 0);
  }

  private Verdict.OfTransfer deposit(String account, String asset, long units) {
    return transfer(Transfer.Direction.DEPOSIT, account, asset, units);
  }

  private Verdict.OfTransfer withdraw(String account, String asset, long units) {
    return transfer(Transfer.Direction.WITHDRAWAL, account, asset, units);
  }

  private Verdict.OfTransfer transfer(
      Transfer.Direction direction, String account, String asset, long units) {
    long position = transferred + 1;
    Transfer transfer =
        new Transfer(
            position, id("t" + position), direction, account, "r" + position, asset, units, 0);
    Stretch stretch = new Stretch(0, transferred, position);
    transferred = position;
    return await(ledger.transfer(stretch, List.of(transfer))).getFirst();
  }

  private List<Verdict.OfHold> hold(long previous, long end, Hold... holds) {
    return await(ledger.hold(1, new Stretch(0, previous, end), List.of(holds)));
  }

  private static Hold hold(
      long position, String order, String account, String asset, long amount, long left) {
    return new Hold(position, id(order), account, asset, amount, left, 0);
  }

  private List<Verdict.OfSettlement> settle(long previous, Settlement... settlements) {
    long end = settlements[settlements.length - 1].position();
    return await(ledger.settle(new Stretch(0, previous, end), List.of(settlements)));
  }

  private static Settlement settlement(long position, Leg... legs) {
    return new Settlement(position, 0, List.of(legs));
  }

  private static Leg leg(
      String order,
      String account,
      String payAsset,
      long pay,
      String receiveAsset,
      long receive,
      long fee,
      long taken) {
    return new Leg(id(order), account, payAsset, pay, receiveAsset, receive, fee, taken, 0, 0, 0);
  }

  private static Verdict.Settled settled(long... remainders) {
    return new Verdict.Settled(
        java.util.Arrays.stream(remainders).mapToObj(OptionalLong::of).toList());
  }

  private static String id(String name) {
    return dev.sagax.platform.log.DeterministicId.orderId("test", "TEST", name);
  }
}
