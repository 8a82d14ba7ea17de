package dev.sagax.settle.saga;

import static dev.sagax.settle.redis.RedisFixture.await;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import dev.sagax.settle.FullAudit;
import dev.sagax.settle.HoldDesk;
import dev.sagax.settle.redis.RedisFixture;
import dev.sagax.settle.redis.RedisLedger;
import dev.sagax.settle.store.PgAuditJournal;
import dev.sagax.settle.store.PgJournal;
import dev.sagax.settle.store.PostgresFixture;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * settle-svc's step of one partition over real stores, which are empty when a test begins. There is
 * no Kafka: tests hand it the records.
 */
abstract class SettleStepFixture {
  static final int PARTITIONS = 1;
  private static final Markets MARKETS =
      Markets.parse(
          """
          assets: [{name: BTC, scale: 8}, {name: KRW, scale: 4}]
          markets:
            - {name: BTC-KRW, base: BTC, quote: KRW, tick: 1, lot: 0.0001, min_notional: 0,
               partition: 0, maker_bps: 10, taker_bps: 20}
          """,
          PARTITIONS);
  static RedisFixture redis;
  static PostgresFixture postgres;

  RedisLedger ledger;
  PgJournal journal;
  HoldDesk holds;
  StepHandler handler;

  @BeforeAll
  static void startStores(@TempDir Path home) {
    redis = new RedisFixture(home);
    postgres = new PostgresFixture(redis.vertx, home);
  }

  @AfterAll
  static void stopStores() {
    postgres.close();
    redis.close();
  }

  @BeforeEach
  void emptyStores() {
    redis.wipe();
    postgres.wipe();
    restart();
  }

  /** As a new process over the same stores. */
  void restart() {
    journal = new PgJournal(postgres.pool);
    ledger = redis.ledger(journal);
    holds = new HoldDesk(ledger, journal, FaultInjector.idle());
    handler = SettleSaga.definition(ledger, MARKETS, PARTITIONS).handler().apply(0);
    await(handler.load(postgres.pool));
  }

  static LogRecord record(Topic topic, long position, MessageLite event) {
    return new LogRecord(topic, 0, position, position, new byte[0], event.toByteArray());
  }

  /** Handles a batch and commits what comes of it. */
  RecordedStep handle(List<LogRecord> records) {
    RecordedStep step = new RecordedStep(postgres.pool);
    await(handler.handle(records, step));
    await(step.commit(records));
    return step;
  }

  FullAudit fullAudit() {
    return new FullAudit(
        redis.vertx,
        journal,
        new PgAuditJournal(postgres.pool),
        ledger,
        PARTITIONS,
        InstantSource.system());
  }
}
