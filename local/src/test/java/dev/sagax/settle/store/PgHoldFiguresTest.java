package dev.sagax.settle.store;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.metrics.Metrics;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The age of the oldest open hold, found among many that have ended. */
class PgHoldFiguresTest {
  private static Vertx vertx;
  private static PostgresFixture postgres;

  private final Metrics metrics = new Metrics();
  private final PgHoldFigures figures = new PgHoldFigures(postgres.pool, 4, metrics);

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
  void wipe() {
    postgres.wipe();
  }

  private static void sql(String text) {
    await(postgres.pool.query(text).execute());
  }

  private static void holds(int from, int to, int partition, int leftUnits, int secondsAgo) {
    sql(
        """
        insert into ledger.hold(order_id, position, amount, hold_left, left_units, filled,
          filled_quote, fee, time_micros, partition, verdict, account, asset)
        select gen_random_uuid(), n, 1, %1$d, %1$d, 0, 0, 0,
          (extract(epoch from now()) * 1000000)::bigint - %2$d * 1000000::bigint, %3$d, 1, 'a', 'USD'
        from generate_series(%4$d, %5$d) as n\
        """
            .formatted(leftUnits, secondsAgo, partition, from, to));
  }

  private double oldest() {
    await(figures.look());
    return value("sagax_holds_oldest_seconds");
  }

  private double value(String name) {
    return value(metrics, name);
  }

  private static double value(Metrics metrics, String name) {
    return metrics
        .text()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void withoutAnyHoldThereIsNoOldest() {
    assertThat(oldest()).isZero();

    holds(1, 10, 0, 0, 900);

    assertThat(oldest()).isZero();
  }

  /** There are more ended holds before it than are looked at in one stretch. */
  @Test
  void oldestIsFoundBehindManyThatHaveEnded() {
    holds(1, 50_000, 1, 0, 9_000);
    holds(50_001, 50_001, 1, 5, 700);
    holds(90_000, 90_000, 1, 5, 400);
    holds(3, 3, 2, 5, 500);

    assertThat(oldest()).isBetween(700.0, 760.0);

    sql("update ledger.hold set left_units = 0 where partition = 1 and position = 50001");
    assertThat(oldest()).isBetween(500.0, 560.0);
    sql("update ledger.hold set left_units = 0 where partition = 2");
    assertThat(oldest()).isBetween(400.0, 460.0);
    sql("update ledger.hold set left_units = 0 where partition = 1");
    assertThat(oldest()).isZero();

    holds(90_001, 90_001, 1, 5, 10);
    assertThat(oldest()).isBetween(10.0, 70.0);
  }

  @Test
  void nothingIsToldBeforeTheFirstLook() {
    assertThat(value("sagax_holds_oldest_seconds")).isNaN();
    assertThat(value("sagax_withdrawals_held")).isNaN();
    assertThat(value("sagax_withdrawals_oldest_held_seconds")).isNaN();
  }

  /** Else one look over a long history would take so long that it is given up, and made anew. */
  @Test
  void longHistoryIsPassedOverInSeveralLooks() {
    Metrics seen = new Metrics();
    PgHoldFigures one = new PgHoldFigures(postgres.pool, 4, seen, 1);
    holds(1, 50_000, 1, 0, 9_000);
    holds(50_001, 50_001, 1, 5, 700);

    await(one.look());
    await(one.look());
    assertThat(value(seen, "sagax_holds_oldest_seconds")).isNaN();

    await(one.look());
    assertThat(value(seen, "sagax_holds_oldest_seconds")).isBetween(700.0, 760.0);
  }

  @Test
  void withdrawalsAreCountedFromTheOldestHeldOneOnInEveryPartition() {
    withdrawals(0, 1, 30_000, 800);
    withdrawals(2, 5, 6, 900);
    endWithdrawals("partition = 0 and position <= 29990");
    await(figures.look());
    assertThat(value("sagax_withdrawals_held")).isEqualTo(12);
    assertThat(value("sagax_withdrawals_oldest_held_seconds")).isBetween(900.0, 960.0);

    endWithdrawals("partition = 2");
    withdrawals(0, 30_001, 30_001, 10);
    await(figures.look());

    assertThat(value("sagax_withdrawals_held")).isEqualTo(11);
    assertThat(value("sagax_withdrawals_oldest_held_seconds")).isBetween(800.0, 860.0);
  }

  @Test
  void refusedHoldIsNone() {
    holds(1, 1, 0, 5, 900);
    sql("update ledger.hold set verdict = 2");

    assertThat(oldest()).isZero();
  }

  @Test
  void withdrawalIsHeldUntilItEnds() {
    withdrawals(0, 1, 2, 300);
    await(figures.look());
    assertThat(value("sagax_withdrawals_held")).isEqualTo(2);
    assertThat(value("sagax_withdrawals_oldest_held_seconds")).isBetween(300.0, 360.0);
    assertThat(value("sagax_holds_oldest_seconds")).isZero();

    endWithdrawals("true");
    await(figures.look());

    assertThat(value("sagax_withdrawals_held")).isZero();
    assertThat(value("sagax_withdrawals_oldest_held_seconds")).isZero();
  }

  private static void withdrawals(int partition, int from, int to, int secondsAgo) {
    sql(
        """
        insert into ledger.transfer(partition, position, transfer_id, account, request_id,
          direction, asset, amount, time_micros, verdict)
        select %1$d, n, gen_random_uuid(), 'a', 'r' || n, 3, 'USD', 7,
          (extract(epoch from now()) * 1000000)::bigint - %2$d * 1000000::bigint, 1
        from generate_series(%3$d, %4$d) as n\
        """
            .formatted(partition, secondsAgo, from, to));
  }

  private static void endWithdrawals(String which) {
    sql(
        """
        insert into ledger.withdrawal_end(transfer_id, partition, position, account, asset, amount,
          ending, operator, reason, time_micros)
        select transfer_id, partition, position + 1000000, 'a', 'USD', 7, 1, 'op', 'paid', 1
        from ledger.transfer where %s\
        """
            .formatted(which));
  }
}
