package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SeatsTest {
  private final Seats seats = new Seats(2);

  @Test
  void aFullPartitionRefusesItsOwnCallsOnly() {
    seats.take(0);
    seats.take(0);

    assertThatThrownBy(() -> seats.take(0)).hasMessageContaining("OVERLOADED");
    seats.take(1);
    assertThat(seats.taken()).isEqualTo(3);
  }

  @Test
  void aSeatThatIsLeftIsFreeForTheNext() {
    seats.take(0);
    seats.take(0);
    seats.leave(0);

    seats.take(0);
    seats.leave(0);
    seats.leave(0);

    assertThat(seats.taken()).isZero();
  }
}
