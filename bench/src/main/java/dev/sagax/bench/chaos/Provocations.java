package dev.sagax.bench.chaos;

import dev.sagax.bench.client.Session;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterState;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterRequest;
import io.grpc.StatusRuntimeException;
import io.vertx.sqlclient.Row;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Leads the exchange to the fault points that ordinary trade does not pass. */
final class Provocations {
  private static final int MORE_THAN_ONE_SCRIPT = 1_200;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final String MARKET = Flow.MARKETS.getFirst();
  private static final byte[] NOT_A_RECORD = {1, 2, 3};

  /** The buyer who is next to trade. */
  private static final String BEST_BID =
      """
      select replace(o.order_id::text, '-', '') as id, r.partition, o.account, o.quote_asset as asset
      from matching.resting_order r join orders.orders o using (order_id)
      where r.market = 'AAA-USD' and r.side = 1 order by r.price desc, r.number limit 1\
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
    /** The book throws, which makes a dead letter. */
    BOOK_THROWS
  }

  private final Stack stack;
  private final Load load;
  private final Flow flow;
  private final Checks checks;
  private long nextNanos;

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
    return name.startsWith("MATCH_FAILURE") ? Kind.BOOK_THROWS : Kind.NONE;
  }

  /** Once, before the process with the fault is started. */
  void prepare(FaultPoint point) {
    nextNanos = System.nanoTime() + PAUSE_NANOS;
    switch (kind(point)) {
      case NEW_REDIS -> {
        stack.infrastructure().redis().kill();
        stack.infrastructure().redis().start();
      }
      case BOOK_THROWS -> checks.allowDeadLetter();
      case REPLAY -> {
        checks.allowDeadLetter();
        checks.allowDeadLetter(); // what is replayed is put aside again
        stack.stores().append(topic(point), NOT_A_RECORD);
      }
      case NONE, ORDERS, TRANSFERS, MISSING_HOLD -> {}
    }
  }

  /** Again and again, until the fault is made. */
  void provoke(FaultPoint point) {
    if (System.nanoTime() < nextNanos) {
      return;
    }
    nextNanos = System.nanoTime() + PAUSE_NANOS;
    switch (kind(point)) {
      case ORDERS -> load.burst(flow.ordersIn(MARKET, MORE_THAN_ONE_SCRIPT));
      case TRANSFERS ->
          load.burst(flow.depositsOf(flow.accounts().getFirst(), MORE_THAN_ONE_SCRIPT));
      case MISSING_HOLD -> removeHold();
      case REPLAY -> replay(topic(point));
      case NONE, NEW_REDIS, BOOK_THROWS -> {}
    }
  }

  private static Topic topic(FaultPoint point) {
    return point.service().equals(Service.ORDER.processName)
        ? Topic.ORDER_REQUESTED
        : Topic.TRANSFER_REQUESTED;
  }

  /** Its units become available, so that the ledger as such adds up; then somebody sells. */
  private void removeHold() {
    List<Row> best = stack.stores().rows(BEST_BID);
    if (best.isEmpty()) {
      return;
    }
    Row bid = best.getFirst();
    checks.allowDeadLetter();
    stack
        .redis()
        .removeHold(
            bid.getInteger("partition"),
            bid.getString("id"),
            bid.getString("account"),
            bid.getString("asset"));
    load.burst(flow.ordersIn(MARKET, 20));
  }

  private void replay(Topic source) {
    for (int turn = 0; turn < stack.clients().replicas(); turn++) {
      Session operator = stack.clients().operator(turn);
      operator
          .deadLetters()
          .forEach((topic, letters) -> {
            try {
              for (DeadLetter letter :
                  letters
                      .listDeadLetters(ListDeadLettersRequest.newBuilder().setTopic(topic).build())
                      .getDeadLettersList()) {
                if (letter.getSourceTopic().equals(source.topicName)
                    && letter.getState() != DeadLetterState.DEAD_LETTER_STATE_REPLAYED) {
                  letters.replayDeadLetter(
                      ReplayDeadLetterRequest.newBuilder()
                          .setDeadLetterId(letter.getDeadLetterId())
                          .build());
                }
              }
            } catch (StatusRuntimeException away) {
              stack.clients().reconnect(0); // asked again in a moment
            }
          });
    }
  }
}
