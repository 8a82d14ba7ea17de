package dev.sagax.bench.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.local.LocalExchange;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DemoMarketTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void copyBuiltInMarkets() {
    file = folder.resolve("my-markets.yaml");
    LocalExchange.copyBuiltInMarkets(file);
  }

  @Test
  void theMarketMayBeInAnotherPartitionAndAmongOtherMarkets() throws IOException {
    change("min_notional: 1, partition: 0", "min_notional: 1, partition: 3");
    change("ETH-USD", "DOGE-USD");

    assertThatCode(() -> DemoMarket.check(file)).doesNotThrowAnyException();
  }

  @Test
  void otherRulesAreRefusedWithBoth() throws IOException {
    change("tick: 0.01, lot: 0.0001", "tick: 0.05, lot: 0.0001");

    assertThatThrownBy(() -> DemoMarket.check(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tick 0.01, lot 0.0001")
        .hasMessageContaining("my-markets.yaml has it with")
        .hasMessageContaining("tick 0.05, lot 0.0001");
  }

  @Test
  void theCommandRefusesAFileWithoutTheMarketAndStartsNothing() throws IOException {
    change("name: BTC-USD", "name: XBT-USD");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    int status =
        new CommandLine(new DemoCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute("--markets", file.toString());

    assertThat(status).isEqualTo(2);
    assertThat(err.toString()).contains("The demo trades BTC-USD", "my-markets.yaml");
    assertThat(out.toString()).isEmpty();
  }

  private void change(String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }
}
