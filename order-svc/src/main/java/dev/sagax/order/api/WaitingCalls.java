package dev.sagax.order.api;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Seats;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls that wait for news of their orders. Lives on one event loop. */
public final class WaitingCalls {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingCalls.class);

  /** Each of them hears all news of the order, also those that the others cause. */
  private static final int MAX_CALLS_AN_ORDER = 100;

  private final Seats seats;
  private final Map<String, List<WaitingCall<?>>> byOrder = new HashMap<>();

  /**
   * @param seatsAPartition how many calls may wait for one partition
   */
  public WaitingCalls(int seatsAPartition) {
    this.seats = new Seats(seatsAPartition);
  }

  /**
   * Lets a call wait until it has its answer.
   *
   * @throws dev.sagax.platform.refusal.RefusedException OVERLOADED if too many wait already, for
   *     this partition or for this order
   */
  <A> WaitingCall<A> open(String orderId, int partition, WaitingCall.Rule<A> rule) {
    List<WaitingCall<?>> sameOrder = byOrder.get(orderId);
    if (sameOrder != null && sameOrder.size() >= MAX_CALLS_AN_ORDER) {
      throw Refusal.of(
              Reason.OVERLOADED,
              "%d calls wait for order %s already; try again later."
                  .formatted(sameOrder.size(), orderId))
          .asException();
    }
    seats.take(partition);
    WaitingCall<A> call = new WaitingCall<>(orderId, partition, rule);
    byOrder.computeIfAbsent(orderId, id -> new ArrayList<>(1)).add(call);
    call.answer().onComplete(answered -> forget(call));
    return call;
  }

  private void forget(WaitingCall<?> call) {
    List<WaitingCall<?>> calls = byOrder.get(call.orderId());
    calls.remove(call);
    if (calls.isEmpty()) {
      byOrder.remove(call.orderId());
    }
    seats.leave(call.partition());
  }

  /**
   * A record of `order.updated`, whose key is the id that the instruction named. Only read if
   * somebody waits.
   */
  public void onRecord(LogRecord record) {
    List<WaitingCall<?>> interested =
        record.key() == null
            ? null
            : byOrder.get(new String(record.key(), StandardCharsets.US_ASCII));
    if (interested == null) {
      return;
    }
    try {
      News news = News.of(record);
      List.copyOf(interested).forEach(call -> call.hear(news));
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      LOG.error(
          "News that cannot be read topic={} partition={} offset={}",
          record.topic(),
          record.partition(),
          record.offset(),
          e);
    }
  }

  /** How many wait; for any thread. */
  public int size() {
    return seats.taken();
  }
}
