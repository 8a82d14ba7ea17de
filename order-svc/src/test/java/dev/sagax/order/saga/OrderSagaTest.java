package dev.sagax.order.saga;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OrderSagaTest {

  @Test
  void whateverPartitionsAProcessOwnsItKeepsNoMoreOrdersThanItMay() {
    for (int partitions : new int[] {1, 3, 4, 64}) {
      long kept = (long) partitions * OrderSaga.rememberedOrders(partitions);

      assertThat(kept).isBetween(150_000L, 200_000L);
    }
  }
}
