package dev.sagax.bench.chaos;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Markets;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** The load driver's four markets, on four partitions. */
final class ChaosMarkets {
  private static final String RESOURCE = "/bench-markets.yaml";

  private ChaosMarkets() {}

  /** Writes the markets file. */
  static void write(Path file) throws IOException {
    try (InputStream in = ChaosMarkets.class.getResourceAsStream(RESOURCE)) {
      Files.copy(in, file);
    }
  }

  /** Decimal places by asset. */
  static Map<String, Integer> scales() {
    try (InputStream in = ChaosMarkets.class.getResourceAsStream(RESOURCE)) {
      String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Markets.parse(yaml, LocalExchange.PARTITIONS).assets().stream()
          .collect(Collectors.toMap(Asset::name, Asset::scale));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
