package dev.sagax.settle.redis;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerUnavailableException;
import dev.sagax.settle.Stretch;
import io.vertx.redis.client.Command;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LedgerOpeningTest {
  private static RedisFixture redis;

  private NoJournal journal;

  @BeforeAll
  static void start(@TempDir Path home) {
    redis = new RedisFixture(home);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void cleanLedger() {
    redis.wipe();
    journal = new NoJournal();
  }

  @ParameterizedTest
  @CsvSource({
    "appendfsync, everysec, always",
    "maxmemory-policy, allkeys-lru, noeviction",
    "appendonly, no, yes"
  })
  void refusesARedisThatCouldLoseBalances(String setting, String wrong, String right) {
    redis.command(Command.CONFIG, "SET", setting, wrong);
    try {
      assertThatThrownBy(() -> await(redis.ledger(journal).open()))
          .isInstanceOf(LedgerRefusedException.class)
          .hasMessageContaining("Redis runs with %s %s", setting, wrong)
          .hasMessageContaining("needs %s %s", setting, right);
    } finally {
      redis.command(Command.CONFIG, "SET", setting, right);
    }
  }

  @Test
  void freshStoresBeginWithEpochOne() {
    await(redis.ledger(journal).open());

    assertThat(redis.command(Command.GET, LedgerKeys.EPOCH)).hasToString("1");
    assertThat(journal.epoch).hasValue(1);
  }

  @Test
  void emptyRedisWithAJournalIsRefused() {
    journal.epoch = OptionalLong.of(1);
    journal.empty = false;

    assertThatThrownBy(() -> await(redis.ledger(journal).open()))
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("rebuild the ledger from the journal");
  }

  @Test
  void ledgerOfAnotherJournalIsRefused() {
    await(redis.ledger(journal).open());

    assertThatThrownBy(() -> await(redis.ledger(new NoJournal()).open()))
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("do not belong together");
  }

  @Test
  void ledgerBehindItsJournalIsRefused() {
    RedisLedger ledger = redis.ledger(journal);
    await(ledger.hold(1, new Stretch(2, -1, 41), List.of()));
    journal.empty = false;
    journal.positions.put(new FlowPartition(Flow.HOLD, 2), 41L);
    await(redis.ledger(journal).open());
    journal.positions.put(new FlowPartition(Flow.HOLD, 2), 42L);

    assertThatThrownBy(() -> await(redis.ledger(journal).open()))
        .isInstanceOf(LedgerRefusedException.class)
        .hasMessageContaining("hold:2 up to position 41, but the journal has 42");
  }

  /** What was read earlier says nothing about a Redis that went back in between. */
  @Test
  void journalIsReadOnlyOverAConnectionToRedis() {
    RedisLedger ledger = redis.ledger(journal);
    redis.server.stop();
    try {
      assertThatThrownBy(() -> await(ledger.open())).isInstanceOf(LedgerUnavailableException.class);
      assertThat(journal.timesRead).hasValue(0);
    } finally {
      redis.server.start();
    }

    await(ledger.open());
    assertThat(journal.timesRead).hasValue(1);
  }

  @Test
  void rewritesTheAofOnceAfterEachStartOfRedis() {
    await(redis.ledger(journal).open());
    String firstRun = redis.command(Command.GET, LedgerKeys.RUN).toString();
    await(redis.ledger(journal).open());
    assertThat(redis.command(Command.GET, LedgerKeys.RUN)).hasToString(firstRun);

    redis.server.kill();
    redis.server.start();
    await(redis.ledger(journal).open());

    assertThat(redis.command(Command.GET, LedgerKeys.RUN).toString()).isNotEqualTo(firstRun);
    assertThat(redis.command(Command.INFO, "persistence").toString())
        .contains("aof_last_bgrewrite_status:ok")
        .doesNotContain("aof_last_rewrite_time_sec:-1");
  }
}
