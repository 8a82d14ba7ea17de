package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import dev.sagax.platform.money.Markets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The driver without an exchange: answers come from the test. */
class LoadDriverTest {
  private static final int RATE = 1_000;
  private static final long STALL_NANOS = 400_000_000;

  private final Tally tally = new Tally();
  private final List<Integer> placed = new ArrayList<>();

  @Test
  void aStallIsLatencyOfEveryOrderDueMeanwhileAndNeverALowerRate() throws Exception {
    Schedule schedule = oneSecondFromNow();
    tally.measure(new Window(schedule.startNanos(), 1));

    driver(this::stallAtTheHundredth).send(schedule);

    assertThat(placed).hasSize(RATE);
    assertThat(tally.counts().placed()).isEqualTo(RATE);
    var latencies = tally.apiMicros();
    assertThat(latencies.getTotalCount()).isEqualTo(RATE);
    assertThat(latencies.getMaxValue()).isGreaterThan(390_000);
    // Orders became due all through the stall, so half of those waited for half of it or longer.
    assertThat(latencies.getCountBetweenValues(200_000, 120_000_000)).isGreaterThan(180);
  }

  @Test
  void whatIsSentAfterTheWindowWasNotSentInTime() throws Exception {
    Schedule schedule = oneSecondFromNow();
    tally.measure(new Window(schedule.startNanos(), 1));

    driver(
            order -> {
              if (order.number() == 900) {
                LockSupport.parkNanos(STALL_NANOS);
              }
              return Futures.immediateFuture(order);
            })
        .send(schedule);

    assertThat(tally.counts().placed()).isEqualTo(RATE);
    assertThat(tally.counts().sentInTime()).isBetween(1L, 901L);
  }

  @Test
  void aClosedLoopNeverHasMoreInFlightThanItsWidth() throws Exception {
    List<SettableFuture<Object>> open = new ArrayList<>();

    driver(
            order -> {
              SettableFuture<Object> answer = SettableFuture.create();
              open.add(answer);
              assertThat(open).hasSizeLessThanOrEqualTo(3);
              if (open.size() == 3) {
                open.removeFirst().set(order);
              }
              return answer;
            })
        .send(20, 3);

    assertThat(tally.sent()).isEqualTo(20);
  }

  @Test
  void aFailedCallIsCountedAndNotWaitedFor() throws Exception {
    driver(order -> Futures.immediateFailedFuture(new IllegalStateException("away"))).send(2, 1);

    assertThat(tally.counts().failed()).isEqualTo(2);
    assertThat(tally.underWay()).isZero();
    assertThat(tally.firstFailure()).contains("away");
  }

  private static Schedule oneSecondFromNow() {
    return new Schedule(System.nanoTime(), RATE, RATE);
  }

  private ListenableFuture<?> stallAtTheHundredth(OrderFlow.Planned order) {
    placed.add(order.number());
    if (order.number() == 100) {
      long end = System.nanoTime() + STALL_NANOS;
      while (System.nanoTime() < end) {
        LockSupport.parkNanos(end - System.nanoTime());
      }
    }
    return Futures.immediateFuture(order);
  }

  private LoadDriver driver(
      java.util.function.Function<OrderFlow.Planned, ListenableFuture<?>> place) {
    Markets markets =
        Markets.parse(
            """
            assets: [{name: AAA, scale: 8}, {name: USD, scale: 6}]
            markets:
              - {name: AAA-USD, base: AAA, quote: USD, tick: 0.01, lot: 0.01, partition: 0, maker_bps: 0, taker_bps: 0}
            """,
            1);
    List<FlowMarket> used = markets.markets().stream().map(FlowMarket::of).toList();
    return new LoadDriver(new OrderFlow(1, used, 10), place, tally);
  }
}
