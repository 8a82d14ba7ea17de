package dev.sagax.bench.chaos;

import dev.sagax.local.ServiceProcess;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc;
import dev.sagax.proto.dlq.v1.DeadLetterState;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterRequest;
import io.grpc.StatusRuntimeException;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Leads the exchange to the fault points that ordinary trade does not pass. */
final class Provocations {
  /** A ledger whose fault lies between two scripts takes one record a script. */
  private static final int MORE_THAN_ONE_SCRIPT = 40;

  /** By then the process has read what it is told. */
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int ENOUGH_TO_TRADE = 20;
  private static final Duration REPLAY_DEADLINE = Duration.ofSeconds(3);
  private static final byte[] NOT_A_RECORD = {1, 2, 3};

  /** The buyer who is next to trade. */
  private static final String BEST_BID =
      """
      select replace(o.order_id::text, '-', '') as id, r.partition, o.account, o.quote_asset as asset
      from matching.resting_order r join orders.orders o using (order_id)
      where r.market = '%s' and r.side = 1 order by r.price desc, r.number limit 1\
      """;

  private enum Kind {
    NONE,
    /** A batch that is larger than a script takes. */
    ORDERS,
    TRANSFERS,
    /** An order whose hold is missing. */
    MISSING_HOLD,
    /** A dead letter that is replayed. */
    REPLAY,
    /** A Redis that was started anew. */
    NEW_REDIS,
    /** A connection to Redis that was lost. */
    NEW_CONNECTION,
    /** The book throws, which makes a dead letter. */
    BOOK_THROWS
  }

  private final Stack stack;
  private final Load load;
  private final Flow flow;
  private final Checks checks;
  private long nextNanos;
  private int turn;

  Provocations(Stack stack, Load load, Flow flow, Checks checks) {
    this.stack = stack;
    this.load = load;
    this.flow = flow;
    this.checks = checks;
  }

  private static Kind kind(FaultPoint point) {
    String name = point.name();
    if (name.endsWith("MID_HOLD") || name.endsWith("MID_SETTLE")) {
      return Kind.ORDERS;
    }
    if (name.endsWith("MID_TRANSFER")) {
      return Kind.TRANSFERS;
    }
    if (name.startsWith("SETTLE_REFUSAL")
        || name.startsWith("MATCH_UNDO")
        || name.startsWith("ORDER_CANCEL")) {
      return Kind.MISSING_HOLD;
    }
    if (name.contains("_DLQ_")) {
      return Kind.REPLAY;
    }
    if (name.endsWith("_REWRITE")) {
      return Kind.NEW_REDIS;
    }
    if (name.endsWith("_OPEN")) {
      return Kind.NEW_CONNECTION;
    }
    return name.startsWith("MATCH_FAILURE") ? Kind.BOOK_THROWS : Kind.NONE;
  }

  /** Whether a hold is removed on purpose to get there, which an audit of the ledger may see. */
  static boolean removesHold(FaultPoint point) {
    return kind(point) == Kind.MISSING_HOLD;
  }

  /** Once, before a process is told to make the fault. */
  void prepare(FaultPoint point) {
    nextNanos = System.nanoTime() + FIRST_PAUSE_NANOS;
    switch (kind(point)) {
      case BOOK_THROWS -> checks.allowDeadLetters(Topic.MATCH_DLQ);
      case MISSING_HOLD -> checks.allowDeadLetters(Topic.SETTLE_DLQ);
      case REPLAY -> {
        checks.allowDeadLetters(deadLetters(point));
        stack.stores().append(topic(point), NOT_A_RECORD);
      }
      case NONE, ORDERS, TRANSFERS, NEW_REDIS, NEW_CONNECTION -> {}
    }
  }

  /**
   * Again and again, until the fault is made.
   *
   * @param process the one that is to make it
   */
  void provoke(FaultPoint point, ServiceProcess process) {
    if (System.nanoTime() - nextNanos < 0 || !process.isAlive()) {
      return;
    }
    nextNanos = System.nanoTime() + PAUSE_NANOS;
    turn++;
    switch (kind(point)) {
      case ORDERS -> load.burst(flow.ordersIn(market(), MORE_THAN_ONE_SCRIPT));
      case TRANSFERS -> load.burst(flow.depositsOf(account(), MORE_THAN_ONE_SCRIPT));
      case MISSING_HOLD -> removeHold();
      case REPLAY -> replay(topic(point), process.replica());
      case NEW_REDIS -> {
        stack.infrastructure().redis().kill();
        stack.infrastructure().redis().start();
      }
      case NEW_CONNECTION -> {
        List<TcpProxy> link = stack.links().link(process.name() + ">redis");
        link.forEach(TcpProxy::cut);
        link.forEach(TcpProxy::heal);
      }
      case NONE, BOOK_THROWS -> {}
    }
  }

  /** Another partition each time: only those of the process lead to its fault. */
  private String market() {
    return Flow.MARKETS.get(turn % Flow.MARKETS.size());
  }

  private String account() {
    return flow.accounts().get(turn % flow.accounts().size());
  }

  private static Topic deadLetters(FaultPoint point) {
    return point.service().equals(Service.ORDER.processName) ? Topic.ORDER_DLQ : Topic.TRANSFER_DLQ;
  }

  private static Topic topic(FaultPoint point) {
    return point.service().equals(Service.ORDER.processName)
        ? Topic.ORDER_REQUESTED
        : Topic.TRANSFER_REQUESTED;
  }

  /** Its units become available, so that the ledger as such adds up; then somebody sells. */
  private void removeHold() {
    List<Row> best = stack.stores().rows(BEST_BID.formatted(market()));
    if (best.isEmpty()) {
      return;
    }
    Row bid = best.getFirst();
    stack
        .redis()
        .removeHold(
            bid.getInteger("partition"),
            bid.getString("id"),
            bid.getString("account"),
            bid.getString("asset"));
    load.burst(flow.ordersIn(market(), ENOUGH_TO_TRADE));
  }

  private void replay(Topic source, int replica) {
    stack
        .clients()
        .operator(replica)
        .deadLetters()
        .forEach((topic, letters) -> {
          try {
            for (DeadLetter letter : listed(topic, letters)) {
              if (letter.getSourceTopic().equals(source.topicName)
                  && letter.getState() != DeadLetterState.DEAD_LETTER_STATE_REPLAYED) {
                letters
                    .withDeadlineAfter(REPLAY_DEADLINE)
                    .replayDeadLetter(
                        ReplayDeadLetterRequest.newBuilder()
                            .setDeadLetterId(letter.getDeadLetterId())
                            .build());
              }
            }
          } catch (StatusRuntimeException away) {
            stack.clients().reconnect(replica); // asked again in a moment
          }
        });
  }

  private static List<DeadLetter> listed(
      String topic, DeadLetterServiceGrpc.DeadLetterServiceBlockingStub letters) {
    return letters
        .withDeadlineAfter(REPLAY_DEADLINE)
        .listDeadLetters(ListDeadLettersRequest.newBuilder().setTopic(topic).build())
        .getDeadLettersList();
  }
}
