package dev.sagax.order.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SagaSeatsTest {
  private final SagaSeats seats = new SagaSeats(5, 2);

  @Test
  void oneAccountCannotKeepTheOthersOut() {
    seats.take("alice");
    seats.take("alice");

    assertThatThrownBy(() -> seats.take("alice"))
        .hasMessageContaining("OVERLOADED")
        .hasMessageContaining("2 of your lookups");
    assertThatCode(() -> seats.take("bob")).doesNotThrowAnyException();
  }

  @Test
  void thereAreNoMoreThanAllSeats() {
    for (String account : new String[] {"a", "b", "c", "d", "e"}) {
      seats.take(account);
    }

    assertThatThrownBy(() -> seats.take("f"))
        .hasMessageContaining("OVERLOADED")
        .hasMessageContaining("5 lookups");
  }

  @Test
  void seatThatIsGivenBackIsFree() {
    seats.take("alice");
    seats.take("alice");

    seats.leave("alice");
    seats.take("alice");

    assertThatThrownBy(() -> seats.take("alice")).hasMessageContaining("OVERLOADED");
    seats.leave("alice");
    seats.leave("alice");
    seats.leave("alice");
    seats.take("alice");
    seats.take("alice");
    assertThatThrownBy(() -> seats.take("alice")).hasMessageContaining("OVERLOADED");
  }
}
