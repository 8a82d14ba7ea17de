package dev.sagax.settle.saga;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.Fill;
import dev.sagax.proto.event.v1.MatchCancelRequested;
import dev.sagax.proto.event.v1.OrderAtFault;
import dev.sagax.proto.event.v1.OrderRef;
import dev.sagax.proto.event.v1.OrderSettled;
import dev.sagax.proto.event.v1.Release;
import dev.sagax.proto.event.v1.SettleCompleted;
import dev.sagax.proto.event.v1.SettleRequested;
import dev.sagax.proto.event.v1.SettledTrade;
import dev.sagax.proto.event.v1.SettlementFault;
import dev.sagax.proto.event.v1.TransferAnswer;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRejection;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.settle.AuditDesk;
import dev.sagax.settle.AuditReport;
import dev.sagax.settle.Balance;
import dev.sagax.settle.Hold;
import dev.sagax.settle.HoldBatch;
import dev.sagax.settle.HoldDesk;
import dev.sagax.settle.Verdict;
import io.vertx.redis.client.Command;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Holds, outcomes and transfers through the ledger in Redis into the journal in PostgreSQL. */
class SettleSagaTest extends SettleStepFixture {
  private long transferPosition;
  private long settlePosition;
  private long holdPosition;

  @BeforeEach
  void beginTheLogs() {
    transferPosition = 0;
    settlePosition = 1;
    holdPosition = -1;
  }

  @Test
  void tradeIsSettledJournaledAndConserved() {
    deposit("alice", "KRW", 1_000_000);
    deposit("bob", "BTC", 500);
    assertThat(
            hold(item("buy", "alice", "KRW", 100_000, 200), item("sell", "bob", "BTC", 300, 300)))
        .containsExactly(new Verdict.Held(), new Verdict.Held());

    RecordedStep step =
        run(
            outcome(
                ref("buy", "alice", Side.SIDE_BUY, 20),
                List.of(
                    fill(ref("sell", "bob", Side.SIDE_SELL, 10), 200, 99_999).toBuilder()
                        .setTradeId(7)
                        .setPriceUnits(499_995)
                        .build())));

    SettleCompleted completed = (SettleCompleted) step.emitted.getFirst().message();
    assertThat(completed.getTakerSide()).isEqualTo(Side.SIDE_BUY);
    assertThat(completed.getTradesList())
        .containsExactly(
            SettledTrade.newBuilder()
                .setTradeId(7)
                .setPriceUnits(499_995)
                .setQuantityUnits(200)
                .setQuoteUnits(99_999)
                .build());
    assertThat(completed(step))
        .containsExactly(
            OrderSettled.newBuilder()
                .setOrderId(id("buy"))
                .setFilledUnits(200)
                .setFilledQuoteUnits(99_999)
                .setFeeUnits(1)
                .setEndStatus(OrderStatus.ORDER_STATUS_FILLED)
                .build(),
            OrderSettled.newBuilder()
                .setOrderId(id("sell"))
                .setFilledUnits(200)
                .setFilledQuoteUnits(99_999)
                .setFeeUnits(100)
                .setLeftUnits(100)
                .build());
    assertThat(await(ledger.balances("alice")))
        .containsExactly(new Balance("BTC", 199, 0), new Balance("KRW", 900_001, 0));
    assertThat(await(ledger.balances("bob")))
        .containsExactly(new Balance("BTC", 200, 100), new Balance("KRW", 99_899, 0));
    assertThat(audit().findings()).isEmpty();
    assertThat(audit().sameMoment()).isTrue();
    assertThat(audit().figures()).hasSize(2);
  }

  @Test
  void releaseEndsAnOrderWithItsReasonAndKeepsItsFills() {
    deposit("alice", "KRW", 1_000_000);
    deposit("bob", "BTC", 500);
    hold(item("buy", "alice", "KRW", 100_000, 200), item("sell", "bob", "BTC", 300, 300));
    OrderRef buy = ref("buy", "alice", Side.SIDE_BUY, 20);
    run(outcome(buy, List.of(fill(ref("sell", "bob", Side.SIDE_SELL, 10), 50, 20_000))));

    RecordedStep step = run(outcome(buy, List.of(), release(buy, 150)), outcome(buy, List.of()));

    assertThat(completed(step))
        .containsExactly(
            OrderSettled.newBuilder()
                .setOrderId(id("buy"))
                .setFilledUnits(50)
                .setFilledQuoteUnits(20_000)
                .setFeeUnits(1)
                .setEndStatus(OrderStatus.ORDER_STATUS_CANCELLED)
                .setEndReason(OrderReason.ORDER_REASON_CANCELLED_BY_OWNER)
                .build());
    assertThat(step.emitted).hasSize(2);
    assertThat(await(ledger.balances("alice")))
        .containsExactly(new Balance("BTC", 49, 0), new Balance("KRW", 980_000, 0));
    assertThat(audit().findings()).isEmpty();
  }

  /** What is left of a reduced order can cost no more than is held for it. */
  @Test
  void reducedOrderGoesOnAndItsSurplusComesBackWithItsEnd() {
    deposit("alice", "KRW", 1_000_000);
    deposit("bob", "BTC", 500);
    hold(item("buy", "alice", "KRW", 100_000, 200), item("sell", "bob", "BTC", 300, 300));
    OrderRef buy = ref("buy", "alice", Side.SIDE_BUY, 20);
    OrderRef sell = ref("sell", "bob", Side.SIDE_SELL, 10);

    RecordedStep reduced =
        run(outcome(buy, List.of(), release(buy, 150).toBuilder().setReduced(true).build()));
    List<Balance> meanwhile = await(ledger.balances("alice"));
    RecordedStep last = run(outcome(buy, List.of(fill(sell, 50, 25_000))));

    assertThat(completed(reduced))
        .containsExactly(
            OrderSettled.newBuilder()
                .setOrderId(id("buy"))
                .setLeftUnits(50)
                .setReducedUnits(150)
                .build());
    assertThat(meanwhile).containsExactly(new Balance("KRW", 900_000, 100_000));
    assertThat(completed(last).getFirst().getEndStatus())
        .isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
    assertThat(completed(last).getFirst().getReducedUnits()).isZero();
    assertThat(await(ledger.balances("alice")))
        .containsExactly(new Balance("BTC", 49, 0), new Balance("KRW", 975_000, 0));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void whatWasPreventedIsSaidOfEachOrderThatEndsSo() {
    deposit("alice", "KRW", 1_000_000);
    deposit("alice", "BTC", 500);
    hold(item("buy", "alice", "KRW", 100_000, 200), item("sell", "alice", "BTC", 300, 300));
    Release taker =
        release(ref("buy", "alice", Side.SIDE_BUY, 20), 200).toBuilder()
            .setStatus(OrderStatus.ORDER_STATUS_EXPIRED)
            .setReason(OrderReason.ORDER_REASON_SELF_TRADE)
            .build();
    Release maker =
        release(ref("sell", "alice", Side.SIDE_SELL, 10), 300).toBuilder()
            .setReason(OrderReason.ORDER_REASON_SELF_TRADE)
            .build();

    RecordedStep step = run(outcome(taker.getOrder(), List.of(), taker, maker));

    assertThat(completed(step))
        .extracting(OrderSettled::getPreventedUnits, OrderSettled::getEndStatus)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(200L, OrderStatus.ORDER_STATUS_EXPIRED),
            org.assertj.core.groups.Tuple.tuple(300L, OrderStatus.ORDER_STATUS_CANCELLED));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void batchThatWasNotCommittedIsHandledAgainInOtherCutsWithTheSameResult() {
    deposit("alice", "KRW", 1_000_000);
    deposit("bob", "BTC", 500);
    hold(item("buy", "alice", "KRW", 100_000, 200), item("sell", "bob", "BTC", 300, 300));
    OrderRef buy = ref("buy", "alice", Side.SIDE_BUY, 20);
    OrderRef sell = ref("sell", "bob", Side.SIDE_SELL, 10);
    List<LogRecord> records =
        List.of(
            settle(outcome(buy, List.of(fill(sell, 50, 20_000)))),
            settle(outcome(buy, List.of(fill(sell, 60, 30_000)))),
            settle(outcome(buy, List.of(), release(buy, 90))));
    RecordedStep lost = new RecordedStep(postgres.pool);
    await(handler.handle(records, lost));
    restart();

    RecordedStep first = new RecordedStep(postgres.pool);
    await(handler.handle(records.subList(0, 2), first));
    await(first.commit(records.subList(0, 2)));
    restart();
    RecordedStep second = new RecordedStep(postgres.pool);
    await(handler.handle(records.subList(2, 3), second));
    await(second.commit(records.subList(2, 3)));

    List<RecordedStep.Emitted> again = new ArrayList<>(first.emitted);
    again.addAll(second.emitted);
    assertThat(again).isEqualTo(lost.emitted).hasSize(3);
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void refusedOutcomeIsADeadLetterAndAsksToUndoTheMatchWhileOthersSettle() {
    deposit("alice", "KRW", 1_000);
    deposit("bob", "BTC", 500);
    hold(item("buy", "alice", "KRW", 1_000, 200), item("sell", "bob", "BTC", 300, 300));
    OrderRef buy = ref("buy", "alice", Side.SIDE_BUY, 20);
    SettleRequested refused =
        outcome(
            buy,
            List.of(
                fill(ref("sell", "bob", Side.SIDE_SELL, 10), 5, 25),
                fill(ref("gone", "carol", Side.SIDE_SELL, 10), 1, 5)));
    SettleRequested good =
        outcome(buy, List.of(fill(ref("sell", "bob", Side.SIDE_SELL, 10), 2, 10)));

    RecordedStep step = run(refused, good);

    assertThat(step.deadLetters)
        .containsExactly(
            "settle.dlq 1: Outcome 1 of partition 0 is refused by the ledger (order %s: it has no open hold)."
                .formatted(id("gone")));
    assertThat(step.emitted.getFirst())
        .isEqualTo(
            new RecordedStep.Emitted(
                Topic.MATCH_CANCEL_REQUESTED,
                "BTC-KRW",
                MatchCancelRequested.newBuilder()
                    .setOutcomeNumber(1)
                    .setOutcome(refused)
                    .addOrdersAtFault(
                        OrderAtFault.newBuilder()
                            .setOrderId(id("gone"))
                            .setFault(SettlementFault.SETTLEMENT_FAULT_HOLD_MISSING))
                    .build()));
    assertThat(step.emitted.subList(1, 2))
        .extracting(RecordedStep.Emitted::topic)
        .containsExactly(Topic.SETTLE_COMPLETED);
    assertThat(await(ledger.balances("alice")))
        .containsExactly(new Balance("BTC", 1, 0), new Balance("KRW", 0, 990));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void refusalIsDecidedOnceAndEmitsTheSameHoweverOftenItsBatchIsHandled() {
    deposit("alice", "KRW", 1_000);
    hold(item("buy", "alice", "KRW", 1_000, 200));
    OrderRef buy = ref("buy", "alice", Side.SIDE_BUY, 20);
    OrderRef gone = ref("gone", "bob", Side.SIDE_SELL, 10);
    List<LogRecord> records =
        List.of(
            settle(outcome(buy, List.of(fill(gone, 1, 5)))),
            settle(outcome(buy, List.of(fill(gone, 2, 9)), release(buy, 7))));
    RecordedStep lost = step();
    await(handler.handle(records, lost));
    restart();
    RecordedStep first = step();
    await(handler.handle(records.subList(0, 1), first));
    await(first.commit(records.subList(0, 1)));
    restart();
    RecordedStep second = step();
    await(handler.handle(records.subList(1, 2), second));
    await(second.commit(records.subList(1, 2)));

    List<RecordedStep.Emitted> again = new ArrayList<>(first.emitted);
    again.addAll(second.emitted);
    assertThat(again).isEqualTo(lost.emitted).hasSize(2);
    assertThat(first.deadLetters).hasSize(1);
    assertThat(second.deadLetters).hasSize(1);
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void releaseOfAHoldThatTheLedgerLostEndsItByTheJournal() {
    deposit("alice", "KRW", 1_000);
    hold(item("buy", "alice", "KRW", 600, 200), item("cut", "alice", "KRW", 300, 30));
    OrderRef buy = ref("buy", "alice", Side.SIDE_BUY, 20);
    OrderRef cut = ref("cut", "alice", Side.SIDE_BUY, 20);
    redis.command(Command.HDEL, "{ledger}:hold:0", id("buy"), id("buy") + ":l");
    redis.command(Command.HINCRBY, "{ledger}:hold:0", id("cut"), "-100");
    redis.command(Command.HINCRBY, "{ledger}:acct:alice", "KRW:h", "-700");
    redis.command(Command.HINCRBY, "{ledger}:acct:alice", "KRW:a", "700");

    RecordedStep step = run(outcome(buy, List.of(), release(buy, 200), release(cut, 30)));

    assertThat(completed(step))
        .extracting(OrderSettled::getLeftUnits, OrderSettled::getEndStatus)
        .containsOnly(org.assertj.core.groups.Tuple.tuple(0L, OrderStatus.ORDER_STATUS_CANCELLED));
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 1_000, 0));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void whatTheLedgerLostForGoodIsNamedByTheAuditAfterTheOrderEnded() {
    deposit("alice", "KRW", 1_000);
    hold(item("buy", "alice", "KRW", 600, 200));
    OrderRef buy = ref("buy", "alice", Side.SIDE_BUY, 20);
    redis.command(Command.HDEL, "{ledger}:hold:0", id("buy"), id("buy") + ":l");

    run(outcome(buy, List.of(), release(buy, 200)));

    assertThat(audit().findings())
        .contains(
            "Account alice has 400 KRW available and 600 held in the ledger, but 1000 and 0 by the"
                + " journal.");
  }

  @Test
  void undecodableOutcomeStopsThePartition() {
    LogRecord record =
        new LogRecord(Topic.SETTLE_REQUESTED, 0, 1, 0, new byte[0], new byte[] {1, 2, 3});

    assertThatThrownBy(() -> await(handler.handle(List.of(record), step())))
        .isInstanceOf(PartitionStoppedException.class)
        .hasMessageContaining("settle.requested 1 of partition 0 cannot be read");
  }

  @Test
  void transferIdIsDecidedOnceForEver() {
    RecordedStep first =
        run(
            transfer("alice", "r1", TransferDirection.TRANSFER_DIRECTION_DEPOSIT, "KRW", 100),
            transfer("alice", "r1", TransferDirection.TRANSFER_DIRECTION_DEPOSIT, "KRW", 100));
    RecordedStep second =
        run(
            transfer("alice", "r1", TransferDirection.TRANSFER_DIRECTION_DEPOSIT, "BTC", 101),
            transfer("alice", "w1", TransferDirection.TRANSFER_DIRECTION_WITHDRAWAL, "KRW", 101),
            transfer("alice", "w1", TransferDirection.TRANSFER_DIRECTION_WITHDRAWAL, "KRW", 101));

    assertThat(first.emitted)
        .extracting(e -> ((TransferCompleted) e.message()).getAnswer())
        .containsExactly(
            TransferAnswer.TRANSFER_ANSWER_APPLIED, TransferAnswer.TRANSFER_ANSWER_REPEATED);
    TransferCompleted conflict = (TransferCompleted) second.emitted.getFirst().message();
    assertThat(conflict.getAnswer()).isEqualTo(TransferAnswer.TRANSFER_ANSWER_CONFLICT);
    assertThat(conflict.getConflictsList()).containsExactly("asset", "amount");
    assertThat(conflict.getInstruction()).isEqualTo(2);
    assertThat(conflict.getTransfer().getAmountUnits()).isEqualTo(100);
    assertThat(second.emitted.subList(1, 3))
        .extracting(e -> (TransferRejected) e.message())
        .allMatch(r -> r.getRejection() == TransferRejection.TRANSFER_REJECTION_INSUFFICIENT_FUNDS)
        .extracting(TransferRejected::getAnswer, TransferRejected::getInstruction)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(TransferAnswer.TRANSFER_ANSWER_APPLIED, 3L),
            org.assertj.core.groups.Tuple.tuple(TransferAnswer.TRANSFER_ANSWER_REPEATED, 4L));
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 100, 0));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void poisonedTransfersAreDeadLettersAndMoveNothing() {
    TransferRequested good =
        transfer("alice", "r1", TransferDirection.TRANSFER_DIRECTION_DEPOSIT, "KRW", 100);
    RecordedStep step =
        run(
            good.toBuilder().setTransferId("no id").build(),
            good.toBuilder().setRequestId("r2").build(),
            good.toBuilder().setAsset("DOGE").build(),
            good.toBuilder().setAmountUnits(0).build(),
            good.toBuilder().setAccount("a/b").build(),
            good.toBuilder().clearDirection().build(),
            SettleCompleted.newBuilder().setInstruction(-1).setOrderId("\n\n\n").build());

    assertThat(step.emitted).isEmpty();
    assertThat(step.deadLetters).hasSize(7).allMatch(letter -> letter.startsWith("transfer.dlq"));
    assertThat(run(good).emitted).hasSize(1);
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void holdsAskedForAgainAreAnsweredFromTheJournal() {
    deposit("alice", "KRW", 1_000);
    Hold first = new Hold(3, id("a"), "alice", "KRW", 900, 1, 5);
    Hold second = new Hold(5, id("b"), "alice", "KRW", 900, 1, 5);
    Hold third = new Hold(9, id("c"), "alice", "KRW", 100, 1, 5);
    HoldBatch batch = new HoldBatch(0, -1, 7, List.of(first, second));
    List<Verdict.OfHold> decided = await(holds.place(batch));
    restart();

    assertThat(await(holds.place(batch))).isEqualTo(decided);
    assertThat(await(holds.place(new HoldBatch(0, 4, 9, List.of(second, third)))))
        .containsExactly(new Verdict.InsufficientFunds(), new Verdict.Held());
    assertThat(await(holds.place(new HoldBatch(0, -1, 9, List.of(first, second, third)))))
        .containsExactly(new Verdict.Held(), new Verdict.InsufficientFunds(), new Verdict.Held());
    assertThatThrownBy(() -> await(holds.place(new HoldBatch(0, 10, 11, List.of()))))
        .hasMessageContaining("DEPENDENCY_UNAVAILABLE");
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void holdThatWasPlacedButNotJournaledIsPlacedOnce() {
    deposit("alice", "KRW", 1_000);
    Hold hold = new Hold(3, id("a"), "alice", "KRW", 900, 1, 5);
    await(ledger.hold(1, new dev.sagax.settle.Stretch(0, -1, 7), List.of(hold)));

    assertThat(await(holds.place(new HoldBatch(0, -1, 7, List.of(hold)))))
        .containsExactly(new Verdict.Held());

    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 100, 900));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void holdThatIsDeclinedHoldsNothingAndWhatIsDecidedFirstStands() {
    deposit("alice", "KRW", 1_000);
    Hold wanted = new Hold(3, id("a"), "alice", "KRW", 400, 1, 5);
    Hold wantedToo = new Hold(5, id("b"), "alice", "KRW", 400, 1, 5);
    Hold notWanted = new Hold(3, id("a"), "alice", "KRW", 400, 1, 5, true);
    Hold notWantedToo = new Hold(5, id("b"), "alice", "KRW", 400, 1, 5, true);
    List<Verdict.OfHold> decided = List.of(new Verdict.Declined(), new Verdict.Held());
    await(ledger.hold(1, new dev.sagax.settle.Stretch(0, -1, 7), List.of(notWanted, wantedToo)));

    assertThat(await(holds.place(new HoldBatch(0, -1, 7, List.of(wanted, notWantedToo)))))
        .isEqualTo(decided);
    restart();
    assertThat(await(holds.place(new HoldBatch(0, -1, 7, List.of(wanted, notWantedToo)))))
        .isEqualTo(decided);

    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 600, 400));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void twoReplicasAskedAtOnceDecideOnce() {
    deposit("alice", "KRW", 1_000);
    HoldDesk other = new HoldDesk(redis.ledger(journal), journal, FaultInjector.idle());
    Hold hold = new Hold(3, id("a"), "alice", "KRW", 600, 1, 5);
    HoldBatch batch = new HoldBatch(0, -1, 7, List.of(hold));

    var mine = holds.place(batch);
    var theirs = other.place(batch);

    assertThat(await(mine)).containsExactly(new Verdict.Held()).isEqualTo(await(theirs));
    assertThat(await(ledger.balances("alice"))).containsExactly(new Balance("KRW", 400, 600));
    assertThat(audit().findings()).isEmpty();
  }

  @Test
  void auditNamesEveryBrokenInvariant() {
    deposit("alice", "KRW", 1_000);
    hold(item("buy", "alice", "KRW", 600, 2));
    redis.command(Command.HINCRBY, "{ledger}:acct:alice", "KRW:h", "-601");
    redis.command(Command.HINCRBY, "{ledger}:hold:0", id("buy"), "1");

    assertThat(audit().findings())
        .anyMatch(f -> f.contains("neither may be negative"))
        .anyMatch(f -> f.contains("KRW is not conserved: the supply is 1000"))
        .anyMatch(f -> f.contains("601 units for 2 left in the ledger, but 600 units"))
        .anyMatch(f -> f.contains("Account alice in KRW has -1 units held"))
        .anyMatch(f -> f.contains("KRW held is -1 in the ledger, but 600 by the journal"));
  }

  @Test
  void auditIsSharedByAllWhoAskWhileItRuns() {
    deposit("alice", "KRW", 1_000);
    AuditDesk audits = new AuditDesk(fullAudit());

    var first = audits.audit();
    var meanwhile = audits.audit();
    await(first);
    var later = audits.audit();

    assertThat(meanwhile).isSameAs(first);
    assertThat(later).isNotSameAs(first);
    assertThat(await(later).findings()).isEmpty();
  }

  private AuditReport audit() {
    return await(new AuditDesk(fullAudit()).audit());
  }

  private RecordedStep step() {
    return new RecordedStep(postgres.pool);
  }

  private RecordedStep run(MessageLite... events) {
    List<LogRecord> records =
        Arrays.stream(events)
            .map(e -> e instanceof SettleRequested settle ? settle(settle) : asked(e))
            .toList();
    return handle(records);
  }

  private LogRecord settle(SettleRequested event) {
    return record(Topic.SETTLE_REQUESTED, settlePosition++, event);
  }

  private LogRecord asked(MessageLite event) {
    return record(Topic.TRANSFER_REQUESTED, transferPosition++, event);
  }

  private void deposit(String account, String asset, long units) {
    run(
        transfer(
            account,
            "d" + transferPosition,
            TransferDirection.TRANSFER_DIRECTION_DEPOSIT,
            asset,
            units));
  }

  private static TransferRequested transfer(
      String account, String requestId, TransferDirection direction, String asset, long units) {
    String kind =
        direction == TransferDirection.TRANSFER_DIRECTION_DEPOSIT ? "deposit" : "withdrawal";
    return TransferRequested.newBuilder()
        .setTransferId(DeterministicId.transferId(kind, account, requestId))
        .setAccount(account)
        .setRequestId(requestId)
        .setDirection(direction)
        .setAsset(asset)
        .setAmountUnits(units)
        .setTimeMicros(1)
        .build();
  }

  private List<Verdict.OfHold> hold(Hold... items) {
    long previous = holdPosition;
    List<Hold> placed = new ArrayList<>();
    for (Hold item : items) {
      placed.add(
          new Hold(
              ++holdPosition,
              item.orderId(),
              item.account(),
              item.asset(),
              item.amountUnits(),
              item.leftUnits(),
              5));
    }
    return await(holds.place(new HoldBatch(0, previous, holdPosition, placed)));
  }

  private static Hold item(String order, String account, String asset, long amount, long left) {
    return new Hold(0, id(order), account, asset, amount, left, 5);
  }

  private static SettleRequested outcome(OrderRef taker, List<Fill> fills, Release... releases) {
    return SettleRequested.newBuilder()
        .setInstruction(9)
        .setTimeMicros(8)
        .setMarket("BTC-KRW")
        .setBaseAsset("BTC")
        .setQuoteAsset("KRW")
        .setTaker(taker)
        .addAllFills(fills)
        .addAllReleases(List.of(releases))
        .build();
  }

  private static Fill fill(OrderRef maker, long quantity, long quote) {
    return Fill.newBuilder()
        .setMaker(maker)
        .setQuantityUnits(quantity)
        .setQuoteUnits(quote)
        .build();
  }

  private static Release release(OrderRef order, long left) {
    return Release.newBuilder()
        .setOrder(order)
        .setLeftUnits(left)
        .setStatus(OrderStatus.ORDER_STATUS_CANCELLED)
        .setReason(OrderReason.ORDER_REASON_CANCELLED_BY_OWNER)
        .build();
  }

  private static OrderRef ref(String order, String account, Side side, int bps) {
    return OrderRef.newBuilder()
        .setOrderId(id(order))
        .setAccount(account)
        .setSide(side)
        .setFeeBps(bps)
        .build();
  }

  private static List<OrderSettled> completed(RecordedStep step) {
    return step.emitted.stream()
        .map(e -> (SettleCompleted) e.message())
        .flatMap(e -> e.getOrdersList().stream())
        .toList();
  }

  private static String id(String name) {
    return DeterministicId.orderId("test", "TEST", name);
  }
}
