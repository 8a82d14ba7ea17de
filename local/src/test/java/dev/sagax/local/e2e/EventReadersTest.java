package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.asset.saga.AssetReaders;
import dev.sagax.asset.saga.TransferSaga;
import dev.sagax.match.saga.MarketDataSaga;
import dev.sagax.match.saga.MatchReaders;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.order.api.OrderNews;
import dev.sagax.order.saga.OrderReaders;
import dev.sagax.order.saga.OrderSaga;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import dev.sagax.settle.saga.SettleReaders;
import dev.sagax.settle.saga.SettleSaga;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What earlier builds have written the steps of this one take for what they know. */
class EventReadersTest {
  private static final int PARTITIONS = 4;

  private interface Reader {
    Object read(LogRecord record, Markets markets) throws IOException;
  }

  private static final Map<SagaDefinition, Reader> STEPS =
      Map.of(
          OrderSaga.of(null, null, PARTITIONS, 1), OrderReaders::read,
          MatchSaga.definition(null, null, null, null), (record, m) -> MatchReaders.read(record),
          MarketDataSaga.definition(null, null, null), (record, m) -> MatchReaders.read(record),
          SettleSaga.definition(null, null, PARTITIONS), SettleReaders::read,
          TransferSaga.definition(null, null, PARTITIONS),
              (record, m) -> AssetReaders.read(record));

  static Stream<Path> recorded() throws IOException {
    try (Stream<Path> files = Files.walk(EventRecorderTest.EVENTS)) {
      List<Path> found = files.filter(f -> f.toString().endsWith(".bin")).sorted().toList();
      assertThat(found).hasSizeGreaterThan(30);
      return found.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void everyStepThatGetsItReadsIt(Path bytes) throws IOException {
    Topic topic = Topic.ofName(bytes.getParent().getFileName().toString()).orElseThrow();
    Markets markets = Markets.load(bytes.getParent().resolveSibling("markets.yaml"), PARTITIONS);
    byte[] value = Files.readAllBytes(bytes);
    LogRecord record = new LogRecord(topic, partitionOf(bytes), 1, 0, new byte[0], value);
    int readers = 0;
    for (var step : STEPS.entrySet()) {
      if (step.getKey().inputs().contains(topic)) {
        assertThat(step.getValue().read(record, markets)).isNotNull();
        readers++;
      }
    }
    switch (topic) {
      case BOOK_UPDATED -> assertThat(MatchReaders.read(record)).isNotNull();
      case ORDER_UPDATED -> assertThat(new OrderNews().decode(record)).isNotNull();
      default -> assertThat(readers).isPositive();
    }
  }

  private static int partitionOf(Path bytes) throws IOException {
    String text =
        Files.readString(
            bytes.resolveSibling(bytes.getFileName().toString().replace(".bin", ".txtpb")));
    return Integer.parseInt(text.lines().findFirst().orElseThrow().replace("# partition ", ""));
  }
}
