package dev.sagax.local.e2e;

import dev.sagax.local.infra.Infrastructure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The stores behind the exchange, for tests that damage them. */
final class Stores implements AutoCloseable {
  private static final long SECONDS = 20;

  private final Vertx vertx = Vertx.vertx();
  private final PgConnectOptions postgres;
  private final PgConnection db;
  private final Redis redis;

  Stores(Infrastructure infrastructure) {
    postgres = PgConnectOptions.fromUri(infrastructure.postgresUri());
    db = connect();
    redis = Redis.createClient(vertx, infrastructure.redisUri());
  }

  private PgConnection connect() {
    return await(PgConnection.connect(vertx, postgres));
  }

  RowSet<Row> sql(String sql, Object... parameters) {
    return await(db.preparedQuery(sql).execute(Tuple.from(parameters)));
  }

  Response redis(Command command, String... arguments) {
    Request request = Request.cmd(command);
    for (String argument : arguments) {
      request.arg(argument);
    }
    return await(redis.send(request));
  }

  // ---- the ledger's holds

  /** What is held for an order, in units. */
  long held(int partition, String orderId) {
    return redis(Command.HGET, holds(partition), orderId).toLong();
  }

  /** Takes a hold away; its units become available, so that the ledger as such adds up. */
  void removeHold(int partition, String orderId, String account, String asset) {
    makeAvailable(account, asset, held(partition, orderId));
    redis(Command.HDEL, holds(partition), orderId, orderId + ":l");
  }

  /** Takes some units off a hold; they become available. */
  void shrinkHold(int partition, String orderId, String account, String asset, long units) {
    makeAvailable(account, asset, units);
    redis(Command.HINCRBY, holds(partition), orderId, Long.toString(-units));
  }

  private void makeAvailable(String account, String asset, long units) {
    String key = "{ledger}:acct:" + account;
    redis(Command.HINCRBY, key, asset + ":h", Long.toString(-units));
    redis(Command.HINCRBY, key, asset + ":a", Long.toString(units));
  }

  private static String holds(int partition) {
    return "{ledger}:hold:" + partition;
  }

  /** The last outcome that the ledger has applied. */
  long settled(int partition) {
    Response mark = redis(Command.HGET, "{ledger}:log:settle:" + partition, "mark");
    return mark == null ? 0 : mark.toLong();
  }

  // ---- the steps' fences

  /** As if another instance had owned the partition: the step loses its batch and loads again. */
  void fence(String schema, String service, int partition) {
    sql(moveFence(schema), service, partition);
  }

  private static String moveFence(String schema) {
    return "update %s.step set version = version + 1 where service = $1 and partition = $2"
        .formatted(schema);
  }

  /** Keeps settle-svc from committing in a partition until it is let go. */
  Halt haltSettling(int partition) {
    return halt("ledger", "settle-svc", partition);
  }

  /** Keeps a step from committing until it is let go. */
  Halt halt(String schema, String service, int partition) {
    PgConnection other = connect();
    await(other.query("begin").execute());
    await(other.preparedQuery(moveFence(schema)).execute(Tuple.of(service, partition)));
    return new Halt(other);
  }

  /** How many transactions wait for another one. */
  long waiting() {
    return sql("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
        .iterator()
        .next()
        .getLong(0);
  }

  /** A step that waits at its fence. */
  record Halt(PgConnection db) {

    /** It goes on as if nothing had been. */
    void letGo() {
      end("rollback");
    }

    /** What it had in hand is lost, as if it had been killed after Redis and before its commit. */
    void kill() {
      end("commit");
    }

    private void end(String how) {
      await(db.query(how).execute());
      await(db.close());
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    redis.close();
    await(db.close());
    await(vertx.close());
  }
}
