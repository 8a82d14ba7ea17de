package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.order.v1.PlaceOrderRequest;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final long SECOND = 1_000_000_000L;

  private final Tally tally = new Tally();

  @Test
  void onlyOrdersDueInTheWindowAreMeasuredAndAllOfThemToTheirEnd() {
    place(0, 9 * SECOND);
    tally.measure(new Window(10 * SECOND, 60));
    place(1, 10 * SECOND);
    place(2, 69 * SECOND);
    place(3, 70 * SECOND);

    tally.updated(settled(0), 11 * SECOND);
    tally.updated(settled(1), 12 * SECOND);
    tally.updated(settled(2), 72 * SECOND);
    tally.updated(settled(3), 73 * SECOND);

    assertThat(tally.endToEndMicros().getTotalCount()).isEqualTo(2);
    assertThat(tally.endToEndMicros().getMaxValue()).isBetween(2_990_000L, 3_010_000L);
    assertThat(tally.counts().placed()).isEqualTo(2);
    assertThat(tally.counts().settled()).as("settled in the window").isEqualTo(2);
    assertThat(tally.counts().unsettled()).isZero();
  }

  @Test
  void aFillAfterTheOrderIsSettledMakesItTradedButAnotherOrdersFillDoesNot() {
    place(0, 9 * SECOND);
    tally.measure(new Window(10 * SECOND, 60));
    place(1, 20 * SECOND);
    place(2, 20 * SECOND);
    tally.updated(settled(0), 21 * SECOND);
    tally.updated(settled(1), 21 * SECOND);
    tally.updated(settled(2), 21 * SECOND);

    tally.updated(filled(0), 22 * SECOND);
    tally.updated(filled(1), 80 * SECOND);
    tally.updated(filled(1), 81 * SECOND);

    assertThat(tally.counts().traded()).isEqualTo(1);
    assertThat(tally.counts().placed()).isEqualTo(2);
    assertThat(tally.counts().settled()).isEqualTo(3);
  }

  @Test
  void aRejectedOrderIsNotSettledAndNotWaitedFor() {
    tally.measure(new Window(10 * SECOND, 60));
    place(1, 20 * SECOND);

    tally.updated(new OrderNews(1, true, true, false), 21 * SECOND);

    assertThat(tally.counts().settled()).isZero();
    assertThat(tally.counts().rejected()).isEqualTo(1);
    assertThat(tally.underWay()).isZero();
  }

  @Test
  void anOrderThatIsNeverSettledIsCounted() {
    tally.measure(new Window(10 * SECOND, 60));
    place(1, 20 * SECOND);

    tally.updated(new OrderNews(1, false, false, false), 21 * SECOND);

    assertThat(tally.counts().unsettled()).isEqualTo(1);
  }

  private void place(int number, long dueNanos) {
    tally.sent(
        new OrderFlow.Planned(number, number, 0, PlaceOrderRequest.getDefaultInstance()),
        dueNanos,
        dueNanos);
  }

  private static OrderNews settled(int number) {
    return new OrderNews(number, true, false, false);
  }

  private static OrderNews filled(int number) {
    return new OrderNews(number, true, false, true);
  }
}
