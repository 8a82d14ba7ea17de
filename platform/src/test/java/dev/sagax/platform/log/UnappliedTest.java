package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnappliedTest {
  private static final long NOW = 10_000;

  private final Unapplied unapplied = new Unapplied();

  @Test
  void nextRecordIsTheFirstThatIsNotApplied() {
    unapplied.read(5, 100);
    unapplied.read(6, 200);
    unapplied.read(9, 300);

    unapplied.appliedTo(6);
    assertThat(unapplied.sinceMillis(2, NOW)).isEqualTo(200);
    unapplied.appliedTo(9);
    assertThat(unapplied.sinceMillis(1, NOW)).isEqualTo(300);
    unapplied.appliedTo(10);
    assertThat(unapplied.sinceMillis(0, NOW)).isZero();
  }

  /** A step that fails reads again from where it stood; until then it is as old as it was. */
  @Test
  void ageGoesOnWhileReadingBeginsAnew() {
    unapplied.read(5, 100);
    assertThat(unapplied.sinceMillis(3, NOW)).isEqualTo(100);

    unapplied.restart();

    assertThat(unapplied.sinceMillis(3, NOW)).isEqualTo(100);
  }

  @Test
  void whatIsThereAndWasNeverReadHasWaitedSinceItWasSeen() {
    assertThat(unapplied.sinceMillis(3, NOW)).isEqualTo(NOW);
    assertThat(unapplied.sinceMillis(3, NOW + 500)).isEqualTo(NOW);
    assertThat(unapplied.sinceMillis(0, NOW + 900)).isZero();
    assertThat(unapplied.sinceMillis(1, NOW + 950)).isEqualTo(NOW + 950);
  }

  @Test
  void whatDoesNotFitIsNotKept() {
    for (int offset = 0; offset < 50_000; offset++) {
      unapplied.read(offset, 100 + offset);
    }
    unapplied.appliedTo(20_000);

    assertThat(unapplied.firstOffset(-1)).isEqualTo(-1);
  }
}
