package dev.sagax.order.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.metrics.Metrics;
import org.junit.jupiter.api.Test;

class PgOrderFiguresTest {
  /** A 0 would say that no order waits, and let every hold count as one of no order. */
  @Test
  void nothingIsToldBeforeTheFirstLook() {
    Metrics metrics = new Metrics();

    new PgOrderFigures(null, metrics);

    assertThat(metrics.text().lines())
        .contains(
            "sagax_orders_open NaN",
            "sagax_orders_unfinished NaN",
            "sagax_orders_oldest_unfinished_seconds NaN",
            "sagax_orders_oldest_open_seconds NaN");
  }
}
