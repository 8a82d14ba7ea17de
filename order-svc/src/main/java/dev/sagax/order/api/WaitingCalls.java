package dev.sagax.order.api;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls that wait for news of their orders. Lives on one event loop. */
public final class WaitingCalls {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingCalls.class);

  private final int limit;
  private final Map<String, List<WaitingCall>> byOrder = new HashMap<>();
  private int size;

  public WaitingCalls(int limit) {
    this.limit = limit;
  }

  /**
   * Lets a call wait until it has its answer.
   *
   * @throws dev.sagax.platform.refusal.RefusedException OVERLOADED if too many wait already
   */
  WaitingCall open(String orderId, int partition, WaitingCall.Rule rule) {
    if (size >= limit) {
      throw Refusal.of(
              Reason.OVERLOADED, "%d calls are waiting already; try again later.".formatted(size))
          .asException();
    }
    WaitingCall call = new WaitingCall(orderId, partition, rule);
    byOrder.computeIfAbsent(orderId, id -> new ArrayList<>(1)).add(call);
    size++;
    call.answer().onComplete(answered -> forget(call));
    return call;
  }

  private void forget(WaitingCall call) {
    List<WaitingCall> calls = byOrder.get(call.orderId());
    calls.remove(call);
    if (calls.isEmpty()) {
      byOrder.remove(call.orderId());
    }
    size--;
  }

  /** A record of `order.updated`. */
  public void onRecord(LogRecord record) {
    if (size == 0) {
      return;
    }
    try {
      News news = News.of(record);
      List.copyOf(byOrder.getOrDefault(news.orderId(), List.of())).forEach(call -> call.hear(news));
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      LOG.error(
          "News that cannot be read topic={} partition={} offset={}",
          record.topic(),
          record.partition(),
          record.offset(),
          e);
    }
  }

  int size() {
    return size;
  }
}
