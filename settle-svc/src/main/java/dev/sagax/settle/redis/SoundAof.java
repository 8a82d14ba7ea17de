package dev.sagax.settle.redis;

import dev.sagax.platform.boot.Patience;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import java.util.Map;
import java.util.stream.Collectors;

/** What Redis must do so that nothing that it has acknowledged is lost or comes back halfway. */
final class SoundAof {
  private static final long POLL_MILLIS = 20;

  private final Vertx vertx;
  private final RedisSession redis;

  SoundAof(Vertx vertx, RedisSession redis) {
    this.vertx = vertx;
    this.redis = redis;
  }

  /** Fails with {@link LedgerRefusedException} if Redis runs with settings that may lose writes. */
  Future<Void> demandDurability() {
    return new RedisSettings(redis)
        .doubtful()
        .compose(doubts ->
            doubts.isEmpty()
                ? Future.succeededFuture()
                : Future.failedFuture(new LedgerRefusedException(doubts.getFirst())));
  }

  /** Names the process of Redis. */
  Future<String> runId() {
    return info("server").map(info -> info.get("run_id"));
  }

  /** Writes the file anew, from memory. */
  Future<Void> rewrite() {
    return redis
        .send(Command.BGREWRITEAOF)
        .otherwise(alreadyRunning -> null)
        .compose(v ->
            Patience.poll(vertx, POLL_MILLIS, () -> info("persistence"), SoundAof::rewriteEnded))
        .compose(info ->
            info.get("aof_last_bgrewrite_status").equals("ok")
                ? Future.succeededFuture()
                : Future.failedFuture(
                    new LedgerUnavailableException("Redis could not rewrite its AOF.")));
  }

  private static boolean rewriteEnded(Map<String, String> info) {
    return info.get("aof_rewrite_in_progress").equals("0")
        && info.get("aof_rewrite_scheduled").equals("0");
  }

  private Future<Map<String, String>> info(String section) {
    return redis
        .send(Command.INFO, section)
        .map(reply ->
            reply
                .toString()
                .lines()
                .filter(line -> line.contains(":"))
                .map(line -> line.split(":", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1].strip(), (a, b) -> b)));
  }
}
