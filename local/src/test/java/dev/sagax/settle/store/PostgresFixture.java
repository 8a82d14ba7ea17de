package dev.sagax.settle.store;

import static dev.sagax.settle.redis.RedisFixture.await;

import dev.sagax.local.infra.PostgresServer;
import dev.sagax.platform.schema.TestSchema;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.nio.file.Path;

/** A real PostgreSQL with the ledger's schema, empty before each test. */
public final class PostgresFixture implements AutoCloseable {
  public final PostgresServer server;
  public final Pool pool;

  public PostgresFixture(Vertx vertx, Path home) {
    server = new PostgresServer(home.resolve("postgres"), 0);
    server.start();
    pool =
        PgBuilder.pool()
            .connectingTo(
                PgConnectOptions.fromUri(server.uri())
                    .setCachePreparedStatements(true)
                    // Nothing here outlives the test, so no commit waits for the disk.
                    .addProperty("synchronous_commit", "off")
                    .setPipeliningLimit(256))
            .with(new PoolOptions().setMaxSize(4))
            .using(vertx)
            .build();
    migrate();
    migrate();
  }

  public void migrate() {
    await(TestSchema.create(pool, new LedgerSchema()));
  }

  /** Deletes: to truncate some small tables takes a hundred times as long. */
  public void wipe() {
    await(
        pool.query(
                """
                delete from ledger.epoch;
                delete from ledger.hold;
                delete from ledger.leg;
                delete from ledger.transfer;
                delete from ledger.withdrawal_end;
                delete from ledger.account_freeze;
                delete from ledger.external_id;
                delete from ledger.external_id_again;
                delete from ledger.step_input;
                delete from ledger.audit\
                """)
            .execute());
  }

  /**
   * Fills the journal: each account has deposits; every order is held, a part of them half filled,
   * or filled in part and released.
   *
   * @return how many entries there are
   */
  public long fillJournal(int entries, int accounts) {
    int orders = entries / 4;
    sql(
        """
        insert into ledger.transfer(partition, position, transfer_id, account, request_id,
          direction, asset, amount, time_micros, verdict)
        select n %% 4, n, md5('t' || n)::uuid, 'account-' || n / 2 %% %d, 'r' || n, 1,
          case n %% 2 when 0 then 'KRW' else 'BTC' end, 1000000000000, n, 1
        from generate_series(1, %d) as n\
        """
            .formatted(accounts, 2 * accounts));
    sql(
        """
        insert into ledger.hold(order_id, position, amount, hold_left, left_units, filled,
          filled_quote, fee, time_micros, partition, verdict, account, asset)
        select md5('o' || n)::uuid, n, 1000, case n %% 3 when 0 then 1000 when 1 then 500 else 0 end,
          case n %% 3 when 0 then 10 when 1 then 5 else 0 end, case n %% 3 when 0 then 0 else 500 end,
          case n %% 3 when 0 then 0 else 500 end, case n %% 3 when 0 then 0 else 1 end, n, n %% 4, 1,
          'account-' || n %% %d, 'KRW'
        from generate_series(1, %d) as n\
        """
            .formatted(accounts, orders));
    sql(
        """
        insert into ledger.leg(position, partition, leg, order_id, pay, released, receive, fee,
          time_micros, account, pay_asset, receive_asset)
        select n, n %% 4, 0, md5('o' || n)::uuid, 500, case n %% 3 when 2 then 500 end,
          499, 1, n, 'account-' || n %% %d, 'KRW', 'KRW'
        from generate_series(1, %d) as n where n %% 3 > 0\
        """
            .formatted(accounts, orders));
    sql(
        """
        insert into ledger.step_input(service, partition, topic, position, next_offset)
        select case topic when 'order.requested' then 'settle-svc/hold' else 'settle-svc' end, p,
          topic, %d, %d
        from generate_series(0, 3) as p,
          (values ('order.requested'), ('settle.requested'), ('transfer.requested')) as t(topic)
        on conflict do nothing\
        """
            .formatted(orders, orders + 1));
    return await(pool.query("select count(*) from ledger.entry").execute())
        .iterator()
        .next()
        .getLong(0);
  }

  private void sql(String text) {
    await(pool.query(text).execute());
  }

  @Override
  public void close() {
    await(pool.close());
    server.close();
  }
}
