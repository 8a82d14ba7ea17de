package dev.sagax.bench.replay;

import com.google.common.util.concurrent.ListenableFuture;
import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.Session;
import dev.sagax.bench.replay.Funding.Need;
import dev.sagax.bench.replay.Instruction.Cancel;
import dev.sagax.bench.replay.Instruction.Place;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.LimitOrder;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends an order file to an exchange. Blocking. */
final class Replay {
  private static final String OPERATOR = "operator";
  private static final Duration ACK_DEADLINE = Duration.ofSeconds(5);
  private static final long SHOW_EVERY_MILLIS = 200;
  private static final int SETTLE_ATTEMPTS = 20;
  private static final long SETTLED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(15);

  private final OrderFile orders;
  private final ExchangeClient client;
  private final Duration patience;
  private final Map<Owner, Session> owners = new EnumMap<>(Owner.class);
  private final Session operator;
  private final ExchangeView view;

  /** What the exchange holds of the file's markets at one moment. */
  record Snapshot(
      Map<String, List<RecordedTrade>> trades,
      Map<BookSide, Map<BigDecimal, BigDecimal>> books,
      Map<OrderStatus, Integer> statuses,
      int placed) {

    int tradeCount() {
      return trades.values().stream().mapToInt(List::size).sum();
    }

    int levelCount() {
      return books.values().stream().mapToInt(Map::size).sum();
    }
  }

  Replay(OrderFile orders, ExchangeClient client, Duration patience) {
    this.orders = orders;
    this.client = client;
    this.patience = patience;
    for (Owner owner : Owner.values()) {
      owners.put(owner, client.as(owner.account, Set.of(Scope.READ, Scope.TRADE)));
    }
    this.operator = client.as(OPERATOR, Set.of(Scope.OPERATOR));
    this.view = new ExchangeView(owners, client::reconnect);
  }

  /** Refuses a file that the exchange's markets do not fit; the markets otherwise. */
  Map<String, MarketRules> markets() {
    Map<String, MarketRules> markets = view.markets();
    MarketRules.check(orders.file(), orders.places(), markets);
    return markets;
  }

  /** Deposits what the owners need; a repeated replay finds its deposits made. */
  Map<Need, BigDecimal> fund(Map<String, MarketRules> markets) {
    Map<Need, BigDecimal> needs = Funding.of(orders.places(), markets);
    needs.forEach(this::deposit);
    return needs;
  }

  private void deposit(Need need, BigDecimal amount) {
    DepositRequest request =
        DepositRequest.newBuilder()
            .setAccount(need.owner().account)
            .setAsset(need.asset())
            .setAmount(amount.toPlainString())
            .setRequestId("replay-" + orders.fingerprint() + "-" + need.asset())
            .build();
    for (int attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
      Transfer transfer = view.asking(() -> operator.assets().deposit(request)).getTransfer();
      if (transfer.getStatus() == TransferStatus.TRANSFER_STATUS_COMPLETED) {
        return;
      }
      if (transfer.getStatus() == TransferStatus.TRANSFER_STATUS_REJECTED) {
        throw new ReplayFailedException(
            "The deposit of %s %s for %s is rejected: %s."
                .formatted(
                    amount.toPlainString(),
                    need.asset(),
                    need.owner().account,
                    transfer.getReason()));
      }
    }
    throw new ReplayFailedException("A deposit of " + need.asset() + " is never completed.");
  }

  /** Sends every market's instructions, all markets at once, and shows how far it is. */
  void send(Progress progress) throws InterruptedException {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      List<MarketStream> streams =
          orders.byMarket().values().stream()
              .map(instructions ->
                  new MarketStream(
                      instructions, this::acknowledge, client::reconnect, timer, patience))
              .toList();
      watch(allOrFirstFailure(streams), streams, progress);
    } finally {
      timer.shutdownNow();
    }
  }

  private static CompletableFuture<Void> allOrFirstFailure(List<MarketStream> streams) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    List<CompletableFuture<Void>> started = streams.stream().map(MarketStream::start).toList();
    for (CompletableFuture<Void> stream : started) {
      stream.exceptionally(failure -> {
        end.completeExceptionally(failure);
        return null;
      });
    }
    CompletableFuture.allOf(started.toArray(CompletableFuture<?>[]::new))
        .thenRun(() -> end.complete(null));
    return end;
  }

  private static void watch(
      CompletableFuture<Void> all, List<MarketStream> streams, Progress progress)
      throws InterruptedException {
    while (true) {
      try {
        all.get(SHOW_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        progress.finish(acknowledged(streams), retries(streams));
        return;
      } catch (TimeoutException underWay) {
        progress.show(acknowledged(streams), retries(streams));
      } catch (ExecutionException e) {
        progress.finish(acknowledged(streams), retries(streams));
        throw new ReplayFailedException(e.getCause().getMessage());
      }
    }
  }

  private static long acknowledged(List<MarketStream> streams) {
    return streams.stream().mapToLong(MarketStream::acknowledged).sum();
  }

  private static int retries(List<MarketStream> streams) {
    return streams.stream().mapToInt(MarketStream::retries).sum();
  }

  /** Sends one instruction; the future ends when it is in the log. */
  ListenableFuture<?> acknowledge(Instruction instruction) {
    var stub = owners.get(instruction.owner()).orders(ACK_DEADLINE);
    return switch (instruction) {
      case Place place -> stub.placeOrder(request(place, Wait.WAIT_ACK));
      case Cancel cancel -> stub.cancelOrder(request(cancel, Wait.WAIT_ACK));
    };
  }

  /**
   * Waits until everything is settled and shown. A market settles in the order of its log, so it is
   * enough that the last instruction is: it is asked for again, this time waiting for its
   * settlement. Trades are shown a moment after they are settled.
   */
  void awaitSettled() {
    orders.byMarket().values().forEach(instructions -> awaitSettled(instructions.getLast()));
    view.awaitTrades(orders.byMarket().keySet());
  }

  private void awaitSettled(Instruction last) {
    for (int attempt = 0; attempt < SETTLE_ATTEMPTS; attempt++) {
      long start = System.nanoTime();
      Order order = view.asking(() -> settled(last));
      boolean inTime = System.nanoTime() - start < SETTLED_WITHIN_NANOS;
      if (inTime && order.getStatus() != OrderStatus.ORDER_STATUS_ACCEPTED) {
        return;
      }
    }
    throw new ReplayFailedException(
        "%s is not settled: line %d is still on its way.".formatted(last.market(), last.line()));
  }

  private Order settled(Instruction last) {
    var stub = owners.get(last.owner()).orders();
    return switch (last) {
      case Place place -> stub.placeOrder(request(place, Wait.WAIT_SETTLED)).getOrder();
      case Cancel cancel -> stub.cancelOrder(request(cancel, Wait.WAIT_SETTLED)).getOrder();
    };
  }

  private static PlaceOrderRequest request(Place place, Wait wait) {
    return PlaceOrderRequest.newBuilder()
        .setMarket(place.market())
        .setClientOrderId(place.clientOrderId())
        .setLimit(
            LimitOrder.newBuilder()
                .setSide(
                    switch (place.side()) {
                      case BUY -> Side.SIDE_BUY;
                      case SELL -> Side.SIDE_SELL;
                    })
                .setPrice(place.price())
                .setQuantity(place.quantity())
                .setTimeInForce(
                    switch (place.owner()) {
                      case MAKER -> TimeInForce.TIME_IN_FORCE_POST_ONLY;
                      case TAKER -> TimeInForce.TIME_IN_FORCE_IOC;
                    }))
        .setWait(wait)
        .build();
  }

  private static CancelOrderRequest request(Cancel cancel, Wait wait) {
    return CancelOrderRequest.newBuilder()
        .setClientOrder(
            ClientOrderRef.newBuilder()
                .setMarket(cancel.market())
                .setClientOrderId(cancel.clientOrderId()))
        .setWait(wait)
        .build();
  }

  /** What the exchange holds now; orders count only if the file places them. */
  Snapshot snapshot() {
    Collection<String> markets = orders.byMarket().keySet();
    Set<String> placedByFile = new HashSet<>();
    orders.places().forEach(place -> placedByFile.add(place.market() + place.clientOrderId()));
    Map<OrderStatus, Integer> statuses = new TreeMap<>();
    view.orders(
        markets,
        order -> {
          if (placedByFile.contains(order.getMarket() + order.getClientOrderId())) {
            statuses.merge(order.getStatus(), 1, Integer::sum);
          }
        });
    return new Snapshot(
        view.trades(markets, orders.places()),
        view.books(markets),
        statuses,
        statuses.values().stream().mapToInt(Integer::intValue).sum());
  }

  AuditResponse audit() {
    return view.asking(() -> operator.ledger().audit(AuditRequest.getDefaultInstance()));
  }
}
