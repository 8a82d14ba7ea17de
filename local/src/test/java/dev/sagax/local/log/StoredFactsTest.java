package dev.sagax.local.log;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.log.StoredFacts;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.schema.TestSchema;
import dev.sagax.settle.store.PostgresFixture;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stored data relies on cannot change under it. */
class StoredFactsTest {
  private static final String MARKETS =
      """
      assets: [{name: BTC, scale: 8}, {name: ETH, scale: 8}, {name: KRW, scale: 4}]
      markets:
        - {name: BTC-KRW, base: BTC, quote: KRW, tick: 1, lot: 0.0010, partition: 1, maker_bps: 1, taker_bps: 2}
        - {name: ETH-KRW, base: ETH, quote: KRW, tick: 1, lot: 0.1, partition: 0, maker_bps: 1, taker_bps: 2}
      """;
  private static Vertx vertx;
  private static PostgresFixture postgres;

  @BeforeAll
  static void start(@TempDir Path home) {
    vertx = Vertx.vertx();
    postgres = new PostgresFixture(vertx, home);
  }

  @AfterAll
  static void stop() {
    postgres.close();
    await(vertx.close());
  }

  @BeforeEach
  void firstStart() {
    await(postgres.pool.query("drop schema if exists facts cascade").execute());
    start(MARKETS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{name: BTC, scale: 8}|{name: BTC, scale: 9}|scale of BTC is 8 in the data, but 9",
        "partition: 1|partition: 2|partition of BTC-KRW is 1 in the data, but 2",
        "base: BTC|base: ETH|assets of BTC-KRW is BTC and KRW in the data, but ETH and KRW",
        "lot: 0.0010|lot: 0.0009|lot of BTC-KRW is 100000 in the data, but 90000",
        "ETH-KRW|ETH2-KRW|assets of ETH-KRW is in the data, but not in the configuration",
        "{name: KRW, scale: 4}]|{name: KRW, scale: 4}, {name: X, scale: 1}]|",
        "lot: 0.0010|lot: 0.001|",
        "lot: 0.0010|lot: 0.0020|",
        "tick: 1|tick: 2|",
      })
  void startOverExistingDataKeepsWhatTheDataReliesOn(String from, String to, String refusal) {
    String changed = MARKETS.replace(from, to);

    if (refusal == null) {
      start(changed);
    } else {
      assertThatThrownBy(() -> start(changed))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(refusal);
      start(MARKETS);
    }
  }

  @Test
  void lotThatHasGrownDoesNotShrinkAgain() {
    start(MARKETS.replace("lot: 0.1", "lot: 0.2"));

    assertThatThrownBy(() -> start(MARKETS)).hasMessageContaining("can never be smaller");
  }

  @Test
  void startThatIsRefusedRecordsNothing() {
    String more = MARKETS.replace("assets: [", "assets: [{name: NEW, scale: 1}, ");
    assertThatThrownBy(() -> start(more.replace("lot: 0.1", "lot: 0.01")));

    start(MARKETS);

    assertThat(
            await(
                postgres
                    .pool
                    .query("select from facts.never_changes where name = 'scale of NEW'")
                    .execute()))
        .isEmpty();
  }

  @Test
  void partitionsMayGrowButAccountsStayOnThoseTheyWereFirstOn() {
    startWithPartitions(4);
    startWithPartitions(6);

    assertThat(accountPartitions()).isEqualTo(4);
    assertThatThrownBy(() -> startWithPartitions(5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "number of partitions is 6 in the data, but 5 in the configuration; it can never be smaller");
    startWithPartitions(6);
    assertThat(accountPartitions()).isEqualTo(4);
  }

  @Test
  void dataOfATimeWhenPartitionsNeverChangedMayGrowToo() {
    await(
        postgres
            .pool
            .query("insert into facts.never_changes values ('number of partitions', '4')")
            .execute());

    assertThatThrownBy(() -> startWithPartitions(3)).hasMessageContaining("can never be smaller");
    startWithPartitions(6);

    assertThat(accountPartitions()).isEqualTo(4);
  }

  private static void startWithPartitions(long partitions) {
    Markets markets = Markets.parse(MARKETS, 4);
    Map<String, Long> neverShrinks = new HashMap<>(markets.neverShrinks());
    neverShrinks.put(StoredFacts.PARTITIONS, partitions);
    await(StoredFacts.check(postgres.pool, "facts", markets.neverChanges(), neverShrinks));
  }

  private static int accountPartitions() {
    return await(StoredFacts.accountPartitions(postgres.pool, "facts"));
  }

  private static void start(String yaml) {
    Markets markets = Markets.parse(yaml, 4);
    await(
        TestSchema.create(postgres.pool, "facts", "select 1;")
            .compose(v ->
                StoredFacts.check(
                    postgres.pool, "facts", markets.neverChanges(), markets.neverShrinks())));
  }
}
