package dev.sagax.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The demo over a real exchange. */
class DemoCommandTest {

  @Test
  void everyFigureIsAsComputedByHand() {
    StringWriter out = new StringWriter();

    long start = System.nanoTime();
    int status = new CommandLine(new DemoCommand()).setOut(new PrintWriter(out)).execute();
    Duration took = Duration.ofNanos(System.nanoTime() - start);

    assertThat(out.toString())
        .doesNotContain("WRONG")
        .contains("REJECTED (INSUFFICIENT_FUNDS)", "INVALID_ARGUMENT OFF_TICK")
        .contains("CANCELLED (SETTLEMENT_FAILED)", "(dead letter settle.dlq/0/1)")
        .contains("Waits for: nothing: the order is final")
        .contains("figures are as computed by hand, and every asset is conserved.");
    assertThat(status).isZero();
    assertThat(took).isLessThan(Duration.ofSeconds(60));
  }
}
