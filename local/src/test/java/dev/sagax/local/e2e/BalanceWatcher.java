package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.asset.v1.BalanceChange;
import dev.sagax.proto.asset.v1.BalanceSnapshot;
import dev.sagax.proto.asset.v1.StatementEntry;
import dev.sagax.proto.asset.v1.WatchBalancesRequest;
import dev.sagax.proto.asset.v1.WatchBalancesResponse;
import io.grpc.Channel;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/** Watches the balances of an account. Checks that each entry goes on from the balances before. */
final class BalanceWatcher extends CutOffWatcher<WatchBalancesResponse> {
  private final Trader owner;
  private final List<StatementEntry> entries = new ArrayList<>();
  private final Map<String, BigDecimal[]> balances = new TreeMap<>();
  private int snapshots;

  BalanceWatcher(Trader owner, IntSupplier ports, Random random, int most) {
    super(ports, random, most);
    this.owner = owner;
  }

  @Override
  Iterator<WatchBalancesResponse> open(Channel channel, String cursor) {
    return AssetServiceGrpc.newBlockingStub(channel)
        .withInterceptors(TestExchange.bearer(owner.token()))
        .watchBalances(WatchBalancesRequest.newBuilder().setCursor(cursor).build());
  }

  @Override
  void take(WatchBalancesResponse message) {
    switch (message.getMessageCase()) {
      case SNAPSHOT -> begin(message.getSnapshot());
      case ENTRY -> {
        message.getEntry().getChangesList().forEach(this::change);
        entries.add(message.getEntry());
      }
      case HEARTBEAT -> {}
      case MESSAGE_NOT_SET -> throw new AssertionError(message);
    }
  }

  private void begin(BalanceSnapshot snapshot) {
    snapshots++;
    snapshot
        .getBalancesList()
        .forEach(balance ->
            balances.put(
                balance.getAsset(),
                new BigDecimal[] {
                  new BigDecimal(balance.getAvailable()), new BigDecimal(balance.getHeld())
                }));
  }

  private void change(BalanceChange change) {
    BigDecimal[] now =
        balances.computeIfAbsent(
            change.getAsset(), asset -> new BigDecimal[] {BigDecimal.ZERO, BigDecimal.ZERO});
    now[0] = now[0].add(new BigDecimal(change.getAvailableChange()));
    now[1] = now[1].add(new BigDecimal(change.getHeldChange()));
    assertThat(now[0]).isEqualByComparingTo(change.getAvailable());
    assertThat(now[1]).isEqualByComparingTo(change.getHeld());
  }

  @Override
  String cursorOf(WatchBalancesResponse message) {
    return message.getCursor();
  }

  synchronized int snapshots() {
    return snapshots;
  }

  synchronized List<StatementEntry> entries() {
    requireAlive();
    return List.copyOf(entries);
  }

  /** The balances, by asset: "BTC 1 0, USD 2.5 30". */
  synchronized String balances() {
    Map<String, String> now = new TreeMap<>();
    balances.forEach((asset, b) -> now.put(asset, plain(b[0]) + " " + plain(b[1])));
    return inWords(now);
  }

  static String inWords(Map<String, String> balances) {
    return String.join(
        ", ", balances.entrySet().stream().map(b -> b.getKey() + " " + b.getValue()).toList());
  }

  private static String plain(BigDecimal amount) {
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }
}
