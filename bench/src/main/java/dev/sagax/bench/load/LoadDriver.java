package dev.sagax.bench.load;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Sends orders, on a schedule (open loop) or with a number in flight (closed loop). Blocking.
 *
 * <p>In an open loop every order of the schedule is sent, however late: what keeps the driver from
 * sending, in this process or in the exchange, is latency of all orders that are due meanwhile and
 * never a lower rate.
 */
final class LoadDriver {
  /** Bounds the calls that wait for an answer; what is due beyond it is sent late. */
  private static final int OPEN_LOOP_BOUND = 8_000;

  /**
   * One waking for all that is due costs less CPU than one for each. It may delay an order by this
   * much, which counts as its latency.
   */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final OrderFlow flow;
  private final Function<OrderFlow.Planned, ListenableFuture<?>> place;
  private final Tally tally;

  /**
   * @param place makes the call; the future ends with its answer
   */
  LoadDriver(OrderFlow flow, Function<OrderFlow.Planned, ListenableFuture<?>> place, Tally tally) {
    this.flow = flow;
    this.place = place;
    this.tally = tally;
  }

  /** Open loop: sends every order of the schedule when it is due, or as soon after as it can. */
  void send(Schedule schedule) throws InterruptedException {
    Semaphore free = new Semaphore(OPEN_LOOP_BOUND);
    long sent = 0;
    while (sent < schedule.orders()) {
      long due = schedule.dueBy(System.nanoTime());
      while (sent < due) {
        free.acquire();
        send(schedule.dueNanos(sent++), free);
      }
      sleepUntil(Math.max(schedule.dueNanos(sent), System.nanoTime() + LOOK_NANOS));
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(left);
    }
  }

  /** Closed loop: sends a number of orders. */
  void send(long orders, int inFlight) throws InterruptedException {
    Semaphore free = new Semaphore(inFlight);
    for (long sent = 0; sent < orders; sent++) {
      free.acquire();
      send(System.nanoTime(), free);
    }
  }

  /** Closed loop: sends until a moment of {@link System#nanoTime()}. */
  void sendUntil(long endNanos, int inFlight) throws InterruptedException {
    Semaphore free = new Semaphore(inFlight);
    while (System.nanoTime() - endNanos < 0) {
      free.acquire();
      send(System.nanoTime(), free);
    }
  }

  private void send(long dueNanos, Semaphore free) {
    OrderFlow.Planned order = flow.next();
    tally.sent(order, dueNanos, System.nanoTime());
    Futures.addCallback(
        place.apply(order),
        new FutureCallback<Object>() {
          @Override
          public void onSuccess(Object answer) {
            free.release();
            tally.answered(dueNanos, System.nanoTime());
          }

          @Override
          public void onFailure(Throwable failure) {
            free.release();
            tally.failed(order, failure);
          }
        },
        MoreExecutors.directExecutor());
  }
}
