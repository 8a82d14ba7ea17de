package dev.sagax.bench.load;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import dev.sagax.proto.order.v1.OrderServiceGrpc.OrderServiceFutureStub;
import dev.sagax.proto.order.v1.PlaceOrderResponse;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Sends orders, at a rate (open loop) or with a number in flight (closed loop), and times the
 * answers.
 */
final class LoadDriver {
  private static final long HIGHEST_MICROS = 120_000_000;
  private static final long DEADLINE_SECONDS = 30;

  private final OrderFlow flow;
  private final Map<String, OrderServiceFutureStub> stubs;
  private final SettledWatch watch;
  private final Semaphore inFlight;
  private final double perNano;
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private Histogram latencyMicros = new Histogram(HIGHEST_MICROS, 3);
  private volatile String firstFailure = "";

  /**
   * @param ratePerSecond 0 for a closed loop
   * @param mostInFlight the closed loop's width; the open loop's bound
   */
  LoadDriver(
      OrderFlow flow,
      Map<String, OrderServiceFutureStub> stubs,
      SettledWatch watch,
      double ratePerSecond,
      int mostInFlight) {
    this.flow = flow;
    this.stubs = stubs;
    this.watch = watch;
    this.perNano = ratePerSecond / TimeUnit.SECONDS.toNanos(1);
    this.inFlight = new Semaphore(mostInFlight);
  }

  /** Sends for a time; how many were sent. */
  long runFor(long nanos) throws InterruptedException {
    long start = System.nanoTime();
    long sent = 0;
    while (System.nanoTime() - start < nanos) {
      sendOne(start, sent++);
    }
    return sent;
  }

  /** Sends a number of orders. */
  void runCount(long count) throws InterruptedException {
    long start = System.nanoTime();
    for (long sent = 0; sent < count; sent++) {
      sendOne(start, sent);
    }
  }

  private void sendOne(long runStart, long index) throws InterruptedException {
    long intended = perNano == 0 ? 0 : runStart + (long) (index / perNano);
    while (perNano != 0 && System.nanoTime() < intended) {
      LockSupport.parkNanos(intended - System.nanoTime());
    }
    inFlight.acquire();
    send(flow.next(), perNano == 0 ? System.nanoTime() : intended);
  }

  private void send(OrderFlow.Planned order, long startNanos) {
    watch.started(order.orderId(), startNanos);
    var answer =
        stubs
            .get(order.account())
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .placeOrder(order.request());
    Futures.addCallback(
        answer,
        new FutureCallback<PlaceOrderResponse>() {
          @Override
          public void onSuccess(PlaceOrderResponse response) {
            inFlight.release();
            accepted.incrementAndGet();
            record((System.nanoTime() - startNanos) / 1_000);
          }

          @Override
          public void onFailure(Throwable failure) {
            inFlight.release();
            failed.incrementAndGet();
            firstFailure = failure.toString();
            watch.forget(order.orderId());
          }
        },
        MoreExecutors.directExecutor());
  }

  private synchronized void record(long micros) {
    latencyMicros.recordValue(Math.min(micros, HIGHEST_MICROS));
  }

  /** The latencies of answers since the last call, in microseconds from the intended send. */
  synchronized Histogram takeLatencies() {
    Histogram taken = latencyMicros;
    latencyMicros = new Histogram(HIGHEST_MICROS, 3);
    return taken;
  }

  long accepted() {
    return accepted.get();
  }

  long failed() {
    return failed.get();
  }

  String firstFailure() {
    return firstFailure;
  }
}
