package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class HeldOrderTest {
  private static final HeldOrder ORDER = new HeldOrder("a", "alice", "KRW", 1000, 10, 1, 90, 2);

  @Test
  void fillAddsUpAndLeavesTheRestHeld() {
    HeldOrder next = ORDER.after(leg(300, 3), OptionalLong.empty());

    assertThat(next).isEqualTo(new HeldOrder("a", "alice", "KRW", 700, 7, 4, 390, 3));
    assertThat(next.open()).isTrue();
  }

  @Test
  void lastFillEndsTheHoldWithItsRemainder() {
    HeldOrder next = ORDER.after(leg(900, 10), OptionalLong.of(100));

    assertThat(next).isEqualTo(new HeldOrder("a", "alice", "KRW", 0, 0, 11, 990, 3));
    assertThat(next.open()).isFalse();
  }

  @Test
  void verdictThatDoesNotAddUpIsABug() {
    assertThatThrownBy(() -> ORDER.after(leg(900, 10), OptionalLong.of(99)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1 units held and 0 left")
        .hasMessageContaining("released 99 units");
    assertThatThrownBy(() -> ORDER.after(leg(900, 10), OptionalLong.empty()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ORDER.after(leg(1001, 3), OptionalLong.empty()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void releaseEndsTheHoldByItsOwnFiguresWhateverTheLedgerHad() {
    assertThat(ORDER.afterRelease(release(4), OptionalLong.empty()))
        .isEqualTo(new HeldOrder("a", "alice", "KRW", 1000, 6, 1, 90, 2));
    HeldOrder ended = ORDER.afterRelease(release(10), OptionalLong.of(999));
    assertThat(ended).isEqualTo(new HeldOrder("a", "alice", "KRW", 0, 0, 1, 90, 2));
    assertThat(ended.afterRelease(release(1), OptionalLong.empty())).isEqualTo(ended);
  }

  @Test
  void releaseOfMoreThanIsJournaledIsMoneyFromNowhere() {
    assertThatThrownBy(() -> ORDER.afterRelease(release(10), OptionalLong.of(1001)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("released 1001 units of order a, but the journal holds 1000");
  }

  private static Leg release(long left) {
    return new Leg("a", "alice", "KRW", 0, "BTC", 0, 0, 0, left, 0, 0);
  }

  private static Leg leg(long pay, long taken) {
    return new Leg("a", "alice", "KRW", pay, "BTC", taken - 1, 1, taken, 0, taken, pay);
  }
}
