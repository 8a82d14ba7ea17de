package dev.sagax.settle.redis;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.e2e.Seed;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.Balance;
import dev.sagax.settle.Hold;
import dev.sagax.settle.LedgerImage;
import dev.sagax.settle.Leg;
import dev.sagax.settle.Outcome;
import dev.sagax.settle.Settlement;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.TransferInstruction;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.WithdrawalEnd;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts against the same rules in plain Java, with batches sent again in whole and in part.
 */
class RedisLedgerModelTest {
  private static final int OPERATIONS = 20_000;
  private static final int PARTITIONS = 2;
  private static final int KILL_ONE_IN = 40;
  private static final long LIMIT = 1L << 62;

  private final Map<String, Map<String, Balance>> accounts = new TreeMap<>();
  private final Map<String, Long> supply = new TreeMap<>();
  private final Map<String, Long> fees = new TreeMap<>();
  private final List<Map<String, Open>> holds =
      List.of(new LinkedHashMap<>(), new LinkedHashMap<>());
  private final Set<String> frozen = new TreeSet<>();
  private final long[] transferEnd = {-1, -1};
  private final Map<String, String> assets = new HashMap<>();
  private final long[] holdEnd = {-1, -1};
  private final long[] settleEnd = {0, 0};
  private final Map<String, Integer> seen = new TreeMap<>();
  private Random random;
  private int operations;
  private int resent;
  private int killed;
  private RedisFixture redis;

  private record Open(
      String orderId, String account, Outcome.Side side, long amountUnits, long leftUnits) {}

  @Test
  void scriptsDecideLikeTheModelAlsoWhenBatchesAreSentAgainAndRedisIsKilled(@TempDir Path home) {
    random = new Random(Seed.of(RedisLedgerModelTest.class));
    try (RedisFixture fixture = new RedisFixture(home)) {
      redis = fixture;
      RedisLedger ledger = redis.ledger(new NoJournal());
      while (operations < OPERATIONS) {
        int partition = random.nextInt(PARTITIONS);
        switch (random.nextInt(3)) {
          case 0 -> transfers(ledger, partition);
          case 1 -> holds(ledger, partition);
          default -> settlements(ledger, partition);
        }
      }
      compare(redis.image());
    }
    System.out.println(
        "%d operations, %d batches sent again, %d kills, verdicts %s"
            .formatted(operations, resent, killed, seen));
    assertThat(resent).isPositive();
    assertThat(killed).isPositive();
    assertThat(seen.keySet())
        .containsExactlyInAnyOrder(
            "AccountFrozen",
            "Declined",
            "Held",
            "InsufficientFunds",
            "NothingHeld",
            "Refused",
            "Settled",
            "SupplyLimit",
            "Transferred");
  }

  private void compare(LedgerImage image) {
    assertThat(image.accounts()).isEqualTo(accounts);
    assertThat(image.supply()).isEqualTo(supply);
    assertThat(image.fees()).isEqualTo(fees);
    Map<String, LedgerImage.HoldFigures> open = new HashMap<>();
    holds.forEach(partition ->
        partition.forEach((id, hold) ->
            open.put(id, new LedgerImage.HoldFigures(hold.amountUnits(), hold.leftUnits()))));
    assertThat(image.holds()).isEqualTo(open);
    supply.forEach(
        (asset, units) -> assertThat(inside(asset)).isEqualTo(BigInteger.valueOf(units)));
  }

  private BigInteger inside(String asset) {
    BigInteger sum = BigInteger.valueOf(fees.getOrDefault(asset, 0L));
    for (Map<String, Balance> balances : accounts.values()) {
      Balance balance = balances.getOrDefault(asset, new Balance(asset, 0, 0));
      sum = sum.add(BigInteger.valueOf(balance.availableUnits()));
      sum = sum.add(BigInteger.valueOf(balance.heldUnits()));
    }
    return sum;
  }

  // ---- batches

  private void transfers(RedisLedger ledger, int partition) {
    List<TransferInstruction> batch = new ArrayList<>();
    List<Verdict.OfTransfer> expected = new ArrayList<>();
    long position = transferEnd[partition];
    for (int n = size(); n > 0; n--) {
      position += 1 + random.nextInt(2);
      TransferInstruction instruction = instruction(partition, position);
      batch.add(instruction);
      expected.add(
          switch (instruction) {
            case Transfer transfer -> transfer(partition, transfer);
            case WithdrawalEnd end -> end(partition, end);
            case AccountFreeze freeze -> freeze(freeze);
          });
    }
    Stretch stretch = new Stretch(partition, transferEnd[partition], position + random.nextInt(2));
    transferEnd[partition] = stretch.end();
    send(stretch, batch, TransferInstruction::position, expected, ledger::transfer);
  }

  private TransferInstruction instruction(int partition, long position) {
    return switch (random.nextInt(12)) {
      case 0, 1 -> ending(partition, position);
      case 2 ->
          new AccountFreeze(position, account(), random.nextInt(4) == 0, "operator", "reason", 0);
      case 3 -> transfer(position, Transfer.Direction.WITHDRAWAL);
      case 4, 5, 6 -> transfer(position, Transfer.Direction.HELD_WITHDRAWAL);
      default -> transfer(position, Transfer.Direction.DEPOSIT);
    };
  }

  private Transfer transfer(long position, Transfer.Direction direction) {
    return new Transfer(
        position,
        DeterministicId.transferId(direction.word, "model", "t" + position),
        direction,
        account(),
        "",
        random.nextBoolean() ? "KRW" : "BTC",
        units(),
        0);
  }

  /** Of a withdrawal that is held, or of one that is not. */
  private WithdrawalEnd ending(int partition, long position) {
    List<Open> held = new ArrayList<>(open(partition, null));
    Open withdrawal =
        held.isEmpty() || random.nextInt(6) == 0
            ? unknown(true)
            : held.get(random.nextInt(held.size()));
    return new WithdrawalEnd(
        position,
        withdrawal.orderId(),
        random.nextBoolean() ? WithdrawalEnd.Ending.CONFIRMED : WithdrawalEnd.Ending.RETURNED,
        withdrawal.account(),
        assets.getOrDefault(withdrawal.orderId(), "KRW"),
        withdrawal.amountUnits(),
        "operator",
        "reason",
        0);
  }

  private void holds(RedisLedger ledger, int partition) {
    List<Hold> batch = new ArrayList<>();
    List<Verdict.OfHold> expected = new ArrayList<>();
    long position = holdEnd[partition];
    for (int n = size(); n > 0; n--) {
      position += 1 + random.nextInt(3);
      boolean buys = random.nextBoolean();
      long amount = units();
      Hold hold =
          new Hold(
              position,
              DeterministicId.orderId("model", "p" + partition, "o" + position),
              account(),
              buys ? "KRW" : "BTC",
              amount,
              buys ? 1 + random.nextInt(1000) : amount,
              0,
              random.nextInt(10) == 0);
      batch.add(hold);
      expected.add(hold(partition, hold));
    }
    Stretch stretch = new Stretch(partition, holdEnd[partition], position + random.nextInt(3));
    holdEnd[partition] = stretch.end();
    send(
        stretch, batch, Hold::position, expected, (part, records) -> ledger.hold(1, part, records));
  }

  private void settlements(RedisLedger ledger, int partition) {
    List<Settlement> batch = new ArrayList<>();
    List<Verdict.OfSettlement> expected = new ArrayList<>();
    long position = settleEnd[partition];
    for (int n = size(); n > 0; n--) {
      position++;
      Settlement settlement = Settlement.of(outcome(partition, position));
      batch.add(settlement);
      expected.add(settle(partition, settlement));
    }
    Stretch stretch = new Stretch(partition, settleEnd[partition], position);
    settleEnd[partition] = position;
    send(stretch, batch, Settlement::position, expected, ledger::settle);
  }

  private int size() {
    return random.nextInt(10) == 0 ? 300 : random.nextInt(40);
  }

  /** Sends a batch once, or first a part of it, or more than once. */
  private <T, V> void send(
      Stretch stretch,
      List<T> batch,
      ToLongFunction<T> position,
      List<V> expected,
      BiFunction<Stretch, List<T>, Future<List<V>>> call) {
    operations += batch.size();
    expected.forEach(v -> seen.merge(v.getClass().getSimpleName(), 1, Integer::sum));
    if (!batch.isEmpty() && random.nextInt(4) == 0) {
      int part = 1 + random.nextInt(batch.size());
      long end = position.applyAsLong(batch.get(part - 1));
      assertThat(
              await(
                  call.apply(
                      new Stretch(stretch.partition(), stretch.previous(), end),
                      batch.subList(0, part))))
          .isEqualTo(expected.subList(0, part));
      resent++;
    }
    assertThat(answer(() -> call.apply(stretch, batch))).isEqualTo(expected);
    while (random.nextInt(4) == 0) {
      assertThat(await(call.apply(stretch, batch))).isEqualTo(expected);
      resent++;
    }
  }

  /** The answer; sometimes Redis is killed under the call, which is then made again. */
  private <V> List<V> answer(Supplier<Future<List<V>>> call) {
    if (random.nextInt(KILL_ONE_IN) > 0) {
      return await(call.get());
    }
    killed++;
    Future<List<V>> cut = call.get();
    redis.server.kill();
    redis.server.start();
    return await(cut.recover(lost -> call.get()).recover(lost -> call.get()));
  }

  private String account() {
    return "account-" + random.nextInt(20);
  }

  /** Mostly small, sometimes beyond what a double counts exactly. */
  private long units() {
    return switch (random.nextInt(6)) {
      case 0 -> 1 + random.nextLong(1L << 61);
      case 1 -> (1L << 53) + random.nextInt(3);
      default -> 1 + random.nextInt(100_000);
    };
  }

  /** A fill of a taker with some makers, or a release, of orders that mostly can pay for it. */
  private Outcome outcome(int partition, long position) {
    List<Open> buyers = open(partition, Outcome.Side.BUY);
    List<Open> sellers = open(partition, Outcome.Side.SELL);
    boolean takerBuys = random.nextBoolean();
    List<Open> takers = takerBuys ? buyers : sellers;
    List<Open> makers = takerBuys ? sellers : buyers;
    Open taker = takers.isEmpty() ? unknown(takerBuys) : takers.get(random.nextInt(takers.size()));
    List<Outcome.Fill> fills = new ArrayList<>();
    long left = taker.leftUnits();
    long budget = taker.amountUnits();
    for (int n = random.nextInt(4); n > 0 && !makers.isEmpty() && left > 0 && budget > 0; n--) {
      Open maker = makers.remove(random.nextInt(makers.size()));
      long most = Math.min(left, maker.leftUnits());
      long quantity = random.nextInt(3) == 0 ? most : 1 + random.nextLong(most);
      long funds = takerBuys ? budget : maker.amountUnits();
      long quote = 1 + random.nextLong(funds);
      if (random.nextInt(30) == 0) {
        quote = Math.min(LIMIT, quote + funds);
      }
      left -= quantity;
      budget -= takerBuys ? quote : quantity;
      fills.add(new Outcome.Fill(party(maker), quantity, quote));
    }
    List<Outcome.Release> releases = new ArrayList<>();
    if (left > 0 && random.nextBoolean()) {
      long released = random.nextInt(20) == 0 ? left + 1 : left;
      releases.add(new Outcome.Release(party(taker), released));
    }
    return new Outcome(position, 0, "BTC", "KRW", party(taker), fills, releases);
  }

  private List<Open> open(int partition, Outcome.Side side) {
    List<Open> open = new ArrayList<>();
    holds.get(partition).values().stream()
        .filter(h -> h.side() == side && h.amountUnits() > 0)
        .forEach(open::add);
    return open;
  }

  private Open unknown(boolean buys) {
    String id = DeterministicId.orderId("nobody", "NONE", "u" + random.nextInt(9));
    return new Open(id, account(), buys ? Outcome.Side.BUY : Outcome.Side.SELL, 100, 100);
  }

  private Outcome.Party party(Open open) {
    return new Outcome.Party(
        open.orderId(), open.account(), open.side(), random.nextInt(3) * 25, false);
  }

  // ---- the model

  private Verdict.OfTransfer end(int partition, WithdrawalEnd end) {
    Open held = holds.get(partition).remove(end.transferId());
    if (held == null) {
      return new Verdict.NothingHeld();
    }
    if (end.ending() == WithdrawalEnd.Ending.CONFIRMED) {
      supply.merge(end.asset(), -held.amountUnits(), Math::addExact);
      add(end.account(), end.asset(), 0, -held.amountUnits());
    } else {
      add(end.account(), end.asset(), held.amountUnits(), -held.amountUnits());
    }
    return new Verdict.Transferred();
  }

  private Verdict.OfTransfer freeze(AccountFreeze freeze) {
    if (freeze.frozen()) {
      frozen.add(freeze.account());
    } else {
      frozen.remove(freeze.account());
    }
    return new Verdict.Transferred();
  }

  private Verdict.OfTransfer transfer(int partition, Transfer transfer) {
    String asset = transfer.asset();
    long units = transfer.amountUnits();
    long now = supply.getOrDefault(asset, 0L);
    if (transfer.direction() == Transfer.Direction.DEPOSIT) {
      if (BigInteger.valueOf(now)
              .add(BigInteger.valueOf(units))
              .compareTo(BigInteger.valueOf(LIMIT))
          > 0) {
        supply.putIfAbsent(asset, 0L);
        return new Verdict.SupplyLimit();
      }
      supply.put(asset, now + units);
      add(transfer.account(), asset, units, 0);
      return new Verdict.Transferred();
    }
    if (frozen.contains(transfer.account())) {
      return new Verdict.AccountFrozen();
    }
    if (balance(transfer.account(), asset).availableUnits() < units) {
      return new Verdict.InsufficientFunds();
    }
    if (transfer.direction() == Transfer.Direction.HELD_WITHDRAWAL) {
      String id = transfer.transferId();
      assets.put(id, asset);
      holds.get(partition).put(id, new Open(id, transfer.account(), null, units, units));
      add(transfer.account(), asset, -units, units);
      return new Verdict.Transferred();
    }
    supply.put(asset, now - units);
    add(transfer.account(), asset, -units, 0);
    return new Verdict.Transferred();
  }

  private Verdict.OfHold hold(int partition, Hold hold) {
    if (hold.declined()) {
      return new Verdict.Declined();
    }
    if (frozen.contains(hold.account())) {
      return new Verdict.AccountFrozen();
    }
    if (balance(hold.account(), hold.asset()).availableUnits() < hold.amountUnits()) {
      return new Verdict.InsufficientFunds();
    }
    add(hold.account(), hold.asset(), -hold.amountUnits(), hold.amountUnits());
    Outcome.Side side = hold.asset().equals("KRW") ? Outcome.Side.BUY : Outcome.Side.SELL;
    holds
        .get(partition)
        .put(
            hold.orderId(),
            new Open(hold.orderId(), hold.account(), side, hold.amountUnits(), hold.leftUnits()));
    return new Verdict.Held();
  }

  private Verdict.OfSettlement settle(int partition, Settlement settlement) {
    List<Verdict.OrderAtFault> faults = new ArrayList<>();
    for (Leg leg : settlement.legs()) {
      Open open = holds.get(partition).get(leg.orderId());
      if (open == null) {
        faults.add(new Verdict.OrderAtFault(leg.orderId(), Verdict.Fault.MISSING));
      } else if (open.amountUnits() < leg.payUnits()) {
        faults.add(new Verdict.OrderAtFault(leg.orderId(), Verdict.Fault.HELD_TOO_LITTLE));
      } else if (open.leftUnits() < leg.takenLeftUnits()) {
        faults.add(new Verdict.OrderAtFault(leg.orderId(), Verdict.Fault.LEFT_TOO_LITTLE));
      }
    }
    if (!faults.isEmpty() && !settlement.onlyReleases()) {
      return new Verdict.Refused(faults);
    }
    return new Verdict.Settled(
        settlement.legs().stream().map(leg -> apply(holds.get(partition), leg)).toList());
  }

  private OptionalLong apply(Map<String, Open> open, Leg leg) {
    Open before = open.get(leg.orderId());
    if (before == null) {
      return OptionalLong.empty();
    }
    long amount = before.amountUnits() - leg.payUnits();
    long left = before.leftUnits() - leg.takenLeftUnits();
    add(leg.account(), leg.payAsset(), 0, -leg.payUnits());
    if (leg.receiveUnits() > 0) {
      add(leg.account(), leg.receiveAsset(), leg.receiveUnits(), 0);
    }
    if (leg.feeUnits() > 0) {
      fees.merge(leg.receiveAsset(), leg.feeUnits(), Math::addExact);
    }
    if (left > 0) {
      open.put(
          leg.orderId(), new Open(before.orderId(), before.account(), before.side(), amount, left));
      return OptionalLong.empty();
    }
    open.remove(leg.orderId());
    add(leg.account(), leg.payAsset(), amount, -amount);
    return OptionalLong.of(amount);
  }

  private Balance balance(String account, String asset) {
    return accounts.getOrDefault(account, Map.of()).getOrDefault(asset, new Balance(asset, 0, 0));
  }

  private void add(String account, String asset, long available, long held) {
    Balance before = balance(account, asset);
    Balance after =
        new Balance(
            asset,
            Math.addExact(before.availableUnits(), available),
            Math.addExact(before.heldUnits(), held));
    assertThat(after.availableUnits()).isNotNegative();
    assertThat(after.heldUnits()).isNotNegative();
    accounts.computeIfAbsent(account, a -> new TreeMap<>()).put(asset, after);
  }
}
