package dev.sagax.bench.load;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What became of the orders of a run: the driver says what it sent and what was answered, the watch
 * what was settled. Safe for all of their threads. Times are those of {@link System#nanoTime()};
 * both latencies of an order start when it was due.
 */
final class Tally {
  private static final long HIGHEST_MICROS = 120_000_000;

  private final Map<Integer, Long> underWay = new HashMap<>();
  private final BitSet placed = new BitSet();
  private final BitSet traded = new BitSet();
  private final BitSet accounts = new BitSet();
  private final BitSet markets = new BitSet();
  private final Histogram apiMicros = new Histogram(HIGHEST_MICROS, 3);
  private final Histogram endToEndMicros = new Histogram(HIGHEST_MICROS, 3);
  private Window window = Window.NONE;
  private long sent;
  private long sentInTime;
  private long accepted;
  private long settled;
  private long rejected;
  private long failed;
  private String firstFailure = "";

  /** From now on the orders that are due in this window are measured. */
  synchronized void measure(Window measured) {
    window = measured;
    sent = 0;
  }

  /** Must come before anything else about the order. */
  synchronized void sent(OrderFlow.Planned order, long dueNanos, long nowNanos) {
    sent++;
    underWay.put(order.number(), dueNanos);
    if (window.contains(dueNanos)) {
      placed.set(order.number());
      accounts.set(order.account());
      markets.set(order.market());
      if (window.contains(nowNanos)) {
        sentInTime++;
      }
    }
  }

  /** The call was answered. */
  synchronized void answered(long dueNanos, long nowNanos) {
    if (window.contains(nowNanos)) {
      accepted++;
    }
    record(apiMicros, dueNanos, nowNanos);
  }

  /** The call failed: the order is not waited for any more. */
  synchronized void failed(OrderFlow.Planned order, Throwable failure) {
    if (failed++ == 0) {
      firstFailure = failure.toString();
    }
    underWay.remove(order.number());
  }

  /** News of an order, which may come more than once. */
  synchronized void updated(OrderNews news, long nowNanos) {
    if (news.traded()) {
      traded.set(news.number());
    }
    Long due = news.placed() ? underWay.remove(news.number()) : null;
    if (due == null) {
      return;
    }
    record(endToEndMicros, due, nowNanos);
    if (news.rejected()) {
      rejected++;
    } else if (window.contains(nowNanos)) {
      settled++;
    }
  }

  private void record(Histogram micros, long dueNanos, long nowNanos) {
    if (window.contains(dueNanos)) {
      long latency = TimeUnit.NANOSECONDS.toMicros(nowNanos - dueNanos);
      micros.recordValue(Math.min(latency, HIGHEST_MICROS));
    }
  }

  /** Orders sent and neither settled nor failed. */
  synchronized int underWay() {
    return underWay.size();
  }

  /** Orders sent since {@link #measure}. */
  synchronized long sent() {
    return sent;
  }

  /** Orders settled in the window so far. */
  synchronized long settled() {
    return settled;
  }

  /** The first failed call in words, empty without one. */
  synchronized String firstFailure() {
    return firstFailure;
  }

  /** To be taken when nothing is sent any more and what can be settled is. */
  synchronized OrderCounts counts() {
    BitSet tradedOfPlaced = (BitSet) placed.clone();
    tradedOfPlaced.and(traded);
    return new OrderCounts(
        placed.cardinality(),
        sentInTime,
        accepted,
        settled,
        tradedOfPlaced.cardinality(),
        accounts.cardinality(),
        markets.cardinality(),
        rejected,
        failed,
        underWay.size());
  }

  /** Of the orders due in the window, from there to the answer. */
  synchronized Histogram apiMicros() {
    return apiMicros.copy();
  }

  /** Of the orders due in the window, from there to the settled update. */
  synchronized Histogram endToEndMicros() {
    return endToEndMicros.copy();
  }
}
