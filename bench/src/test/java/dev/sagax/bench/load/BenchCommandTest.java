package dev.sagax.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sagax.local.LocalExchange;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BenchCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** Over a real exchange with markets that are not the load's own. */
  @Test
  void aShortRunOverForeignMarketsWorksAndSaysWhyItDoesNotCount() throws Exception {
    Path markets = folder.resolve("markets.yaml");
    LocalExchange.copyBuiltInMarkets(markets);

    int status =
        bench(
            "--markets",
            markets.toString(),
            "--json",
            "--rate",
            "200",
            "--seconds",
            "2",
            "--warmup",
            "200",
            "--accounts",
            "20");

    assertThat(status).as("%s%n%s", err, out).isZero();
    JsonNode json = new ObjectMapper().readTree(out.toString());
    assertThat(json.get("placed").asLong()).isEqualTo(400);
    assertThat(json.get("markets").asInt()).isEqualTo(4);
    assertThat(json.get("rejected").asLong()).isZero();
    assertThat(json.get("traded_share").asDouble()).isPositive();
    assertThat(json.get("cpu_micros_per_order").properties()).hasSize(4);
    assertThat(json.get("counts").asBoolean()).isFalse();
    assertThat(err.toString())
        .contains("This run does not count: window 2 s < 60 s; accounts 20 < 1,000; ");
  }

  @ParameterizedTest
  @CsvSource({
    "--rate,-1",
    "--seconds,0",
    "--in-flight,0",
    "--accounts,1",
    "--warmup,-1",
    "--markets,nowhere"
  })
  void misuseIsTwoAndStartsNothing(String option, String value) {
    assertThat(bench(option, value)).isEqualTo(2);
    assertThat(err.toString()).isNotBlank();
  }

  @Test
  void aMarketsFileWithoutAMarketIsMisuse() throws Exception {
    Path markets = Files.writeString(folder.resolve("none.yaml"), "assets: []\nmarkets: []\n");

    assertThat(bench("--markets", markets.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("none.yaml has no market.");
  }

  private int bench(String... arguments) {
    return new CommandLine(new BenchCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
