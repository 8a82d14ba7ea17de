package dev.sagax.bench.chaos;

import dev.sagax.bench.client.Refusals;
import dev.sagax.bench.client.Session;
import dev.sagax.proto.asset.v1.ConfirmWithdrawalRequest;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.ReturnWithdrawalRequest;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.asset.v1.WithdrawRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersRequest;
import dev.sagax.proto.order.v1.CancelAllOrdersResponse;
import dev.sagax.proto.order.v1.CancelOrderRequest;
import dev.sagax.proto.order.v1.ClientOrderRef;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.Wait;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients at work. Each of their wishes is a call that is made again, at another replica and with
 * the same id, until there is a definite answer. They come in bursts, so that batches are larger
 * than one.
 */
final class Load implements AutoCloseable {
  private static final int BURSTS_PER_SECOND = 10;
  private static final int MOST_UNANSWERED = 300;
  private static final Duration DEADLINE = Duration.ofSeconds(4);
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 800;

  private final Clients clients;
  private final Flow flow;
  private final Told told;
  private final int rate;

  /** What is still asked for, with the turn in which it is: the replica that it is asked of. */
  private final Map<Ask, Integer> unanswered = new ConcurrentHashMap<>();

  private final Calls calls = new Calls();
  private final AtomicInteger turns = new AtomicInteger();
  private final Thread pump = Thread.ofPlatform().daemon().name("chaos-load").unstarted(this::pump);
  private volatile Duration deadline = DEADLINE;
  private volatile boolean running;
  private volatile boolean closed;

  /**
   * @param rate wishes a second
   */
  Load(Clients clients, Flow flow, Told told, int rate) {
    this.clients = clients;
    this.flow = flow;
    this.told = told;
    this.rate = rate;
  }

  /** Gives every account its money and waits for it. */
  void fund(Duration patience) throws InterruptedException {
    for (Ask.Deposit deposit : flow.firstDeposits()) {
      begin(deposit);
    }
    if (!awaitAnswers(patience)) {
      throw new IllegalStateException(
          "%d of the first deposits had no answer within %s."
              .formatted(unanswered.size(), patience));
    }
  }

  void start() {
    running = true;
    if (pump.getState() == Thread.State.NEW) {
      pump.start();
    }
  }

  /** From now on each call may take so long, instead of 4 s. */
  void allow(Duration deadline) {
    this.deadline = deadline;
  }

  /** How the calls fare. */
  Calls calls() {
    return calls;
  }

  /** No new wishes; those that have no answer are still asked for. */
  void pause() {
    running = false;
  }

  /** Many wishes at once, so that one batch has more than one script takes. */
  void burst(List<Ask> asks) {
    asks.forEach(this::begin);
  }

  /** How many wishes have no definite answer at this moment. */
  int unanswered() {
    return unanswered.size();
  }

  /** How many of them this process is asked for. */
  int unansweredBy(Service service, int replica) {
    return (int)
        unanswered.entrySet().stream()
            .filter(asked -> serviceOf(asked.getKey()) == service)
            .filter(asked -> Math.floorMod(asked.getValue(), clients.replicas()) == replica)
            .count();
  }

  private static Service serviceOf(Ask ask) {
    return switch (ask) {
      case Ask.Place place -> Service.ORDER;
      case Ask.Cancel cancel -> Service.ORDER;
      case Ask.Amend amend -> Service.ORDER;
      case Ask.CancelAll all -> Service.ORDER;
      case Ask.Deposit deposit -> Service.ASSET;
      case Ask.Withdraw withdraw -> Service.ASSET;
    };
  }

  /** What is still asked for. */
  Set<Ask> open() {
    return Set.copyOf(unanswered.keySet());
  }

  /** Whether every wish had its answer in time. */
  boolean awaitAnswers(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (!unanswered.isEmpty() && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    return unanswered.isEmpty();
  }

  private void pump() {
    try {
      int burst = Math.max(1, rate / BURSTS_PER_SECOND);
      long next = System.nanoTime();
      while (!closed) {
        if (running) {
          for (int n = 0; n < burst && unanswered.size() < MOST_UNANSWERED; n++) {
            begin(flow.next());
          }
        }
        next = Math.max(next, System.nanoTime() - 1_000_000_000L) + 1_000_000_000L * burst / rate;
        Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin(Ask ask) {
    int turn = turns.getAndIncrement();
    unanswered.put(ask, turn);
    if (ask instanceof Ask.Place place) {
      told.asked(place.order());
    } else if (ask instanceof Ask.Amend amend) {
      told.asked(amend.subject());
    }
    Thread.startVirtualThread(() -> untilAnswered(ask, turn));
  }

  private void untilAnswered(Ask ask, int firstTurn) {
    long begun = System.nanoTime();
    try {
      long pause = FIRST_PAUSE_MILLIS;
      int turn = firstTurn;
      while (!closed && !isAnswered(ask, turn)) {
        told.repeated();
        clients.reconnect(turn);
        turn++;
        unanswered.put(ask, turn);
        Thread.sleep(pause);
        pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
      }
      if (ask instanceof Ask.Place) {
        calls.placed(System.nanoTime() - begun);
      }
      unanswered.remove(ask);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException bug) {
      told.finding("The client of %s failed: %s".formatted(ask, bug));
      unanswered.remove(ask);
    }
  }

  /** Makes the call once. False if it has to be made again. */
  private boolean isAnswered(Ask ask, int turn) {
    try {
      return switch (ask) {
        case Ask.Place place -> isPlaced(place, session(turn, ask));
        case Ask.Cancel cancel -> isCancelled(cancel, session(turn, ask));
        case Ask.Amend amend -> isAmended(amend, session(turn, ask));
        case Ask.CancelAll all -> areAllCancelled(all, session(turn, ask));
        case Ask.Deposit deposit -> isDecided(deposit(deposit, clients.operator(turn)));
        case Ask.Withdraw withdraw -> isDecided(ended(withdraw, turn));
      };
    } catch (StatusRuntimeException refused) {
      if (Refusals.isTransient(refused) || mayBeWaitedOut(refused)) {
        calls.refused(Refusals.code(refused).toString());
        return false;
      }
      if (isTooLate(ask, refused)) {
        return true;
      }
      told.finding("%s was answered with %s".formatted(ask, Refusals.describe(refused)));
      return true;
    }
  }

  /** What is to be cancelled or amended is not there yet, never rests, or is closed already. */
  private static boolean isTooLate(Ask ask, StatusRuntimeException refused) {
    return switch (ask) {
      case Ask.Cancel cancel -> refused.getStatus().getCode() == Status.Code.NOT_FOUND;
      case Ask.Amend amend ->
          refused.getStatus().getCode() == Status.Code.NOT_FOUND
              || Refusals.reason(refused).equals("ORDER_NOT_AMENDABLE");
      default -> false;
    };
  }

  /** A process that dies may cancel its calls. */
  private static boolean mayBeWaitedOut(StatusRuntimeException refused) {
    return refused.getStatus().getCode() == Status.Code.CANCELLED
        || Refusals.reason(refused).equals("MARKET_CANCEL_ONLY");
  }

  private Session session(int turn, Ask ask) {
    return clients.customer(turn, ask.account());
  }

  private boolean isPlaced(Ask.Place place, Session session) {
    Order order =
        session.orders().withDeadlineAfter(deadline).placeOrder(place.request()).getOrder();
    told.told(place.order(), order);
    return true;
  }

  private boolean isCancelled(Ask.Cancel cancel, Session session) {
    Order order =
        session
            .orders()
            .withDeadlineAfter(deadline)
            .cancelOrder(
                CancelOrderRequest.newBuilder()
                    .setClientOrder(
                        ClientOrderRef.newBuilder()
                            .setMarket(cancel.order().market())
                            .setClientOrderId(cancel.order().clientOrderId()))
                    .setWait(Wait.WAIT_DECISION)
                    .build())
            .getOrder();
    told.cancelTold(cancel.order(), order);
    return true;
  }

  private boolean isAmended(Ask.Amend amend, Session session) {
    Order order =
        session.orders().withDeadlineAfter(deadline).amendOrder(amend.request()).getOrder();
    if (amend.replaces()) {
      told.told(amend.subject(), order);
    } else {
      told.cancelTold(amend.order(), order);
    }
    return true;
  }

  private boolean areAllCancelled(Ask.CancelAll all, Session session) {
    CancelAllOrdersResponse response =
        session
            .orders()
            .withDeadlineAfter(deadline)
            .cancelAllOrders(
                CancelAllOrdersRequest.newBuilder()
                    .setMarket(all.market())
                    .setWait(Wait.WAIT_DECISION)
                    .build());
    told.answered();
    return response.getDecided();
  }

  private Transfer deposit(Ask.Deposit deposit, Session operator) {
    return operator
        .assets()
        .withDeadlineAfter(deadline)
        .deposit(
            DepositRequest.newBuilder()
                .setAccount(deposit.account())
                .setAsset(deposit.asset())
                .setAmount(deposit.amount())
                .setRequestId(deposit.requestId())
                .build())
        .getTransfer();
  }

  /** What is held is confirmed or returned: always the same of the two for one withdrawal. */
  private Transfer ended(Ask.Withdraw withdraw, int turn) {
    Transfer transfer = withdraw(withdraw, session(turn, withdraw));
    if (transfer.getStatus() != TransferStatus.TRANSFER_STATUS_HELD) {
      return transfer;
    }
    var operator = clients.operator(turn).assets().withDeadlineAfter(deadline);
    return withdraw.requestId().hashCode() % 2 == 0
        ? operator
            .confirmWithdrawal(
                ConfirmWithdrawalRequest.newBuilder()
                    .setAccount(transfer.getAccount())
                    .setTransferId(transfer.getTransferId())
                    .build())
            .getTransfer()
        : operator
            .returnWithdrawal(
                ReturnWithdrawalRequest.newBuilder()
                    .setAccount(transfer.getAccount())
                    .setTransferId(transfer.getTransferId())
                    .setReason("chaos")
                    .build())
            .getTransfer();
  }

  private Transfer withdraw(Ask.Withdraw withdraw, Session session) {
    return session
        .assets()
        .withDeadlineAfter(deadline)
        .withdraw(
            WithdrawRequest.newBuilder()
                .setAsset(withdraw.asset())
                .setAmount(withdraw.amount())
                .setRequestId(withdraw.requestId())
                .build())
        .getTransfer();
  }

  /** ACCEPTED only says that it is in the log, HELD that it is not at its end. */
  private boolean isDecided(Transfer transfer) {
    boolean decided =
        transfer.getStatus() == TransferStatus.TRANSFER_STATUS_COMPLETED
            || transfer.getStatus() == TransferStatus.TRANSFER_STATUS_RETURNED
            || transfer.getStatus() == TransferStatus.TRANSFER_STATUS_REJECTED;
    if (decided) {
      told.told(transfer);
    }
    return decided;
  }

  @Override
  public void close() {
    closed = true;
    pump.interrupt();
  }
}
