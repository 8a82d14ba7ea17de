package dev.sagax.bench.demo;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What must not happen: somebody releases a hold by hand, in Redis, behind the exchange's back. The
 * balances still add up, but the order that the hold was for can no longer pay.
 */
final class Accident {
  private static final long SECONDS = 10;

  private final String redisUri;
  private final int partition;

  /**
   * @param partition of the demo's market
   */
  Accident(String redisUri, int partition) {
    this.redisUri = redisUri;
    this.partition = partition;
  }

  /** Gives all that is held for an order back to its owner. Blocking. */
  void releaseHold(String orderId, String account, String asset) {
    Vertx vertx = Vertx.vertx();
    Redis redis = Redis.createClient(vertx, redisUri);
    try {
      String holds = "{ledger}:hold:" + partition;
      String balances = "{ledger}:acct:" + account;
      long units = run(redis, Command.HGET, holds, orderId).toLong();
      run(redis, Command.HDEL, holds, orderId, orderId + ":l");
      run(redis, Command.HINCRBY, balances, asset + ":h", Long.toString(-units));
      run(redis, Command.HINCRBY, balances, asset + ":a", Long.toString(units));
    } finally {
      redis.close();
      await(vertx.close());
    }
  }

  private static Response run(Redis redis, Command command, String... arguments) {
    Request request = Request.cmd(command);
    for (String argument : arguments) {
      request.arg(argument);
    }
    return await(redis.send(request));
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("Redis did not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
