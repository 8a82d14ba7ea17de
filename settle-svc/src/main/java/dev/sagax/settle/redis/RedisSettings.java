package dev.sagax.settle.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.Optional;

/** What Redis must be set to, so that it keeps every write. */
final class RedisSettings {
  private static final List<Demand> DEMANDED =
      List.of(
          new Demand("appendonly", "yes"),
          new Demand("appendfsync", "always"),
          new Demand("maxmemory-policy", "noeviction"));

  private final RedisSession redis;

  RedisSettings(RedisSession redis) {
    this.redis = redis;
  }

  /** A setting and the only value that keeps every write. */
  private record Demand(String setting, String value) {

    Optional<String> doubt(Response reply) {
      String actual = reply.size() < 2 ? "" : reply.get(1).toString();
      return actual.equals(value)
          ? Optional.empty()
          : Optional.of(
              "Redis runs with %s %s, but the ledger needs %s %s: without it balances can be lost."
                  .formatted(setting, actual, setting, value));
    }
  }

  /** Settings that could lose balances, in whole sentences; none if all are right. */
  Future<List<String>> doubtful() {
    List<Future<Optional<String>>> doubts = DEMANDED.stream().map(this::check).toList();
    return Future.all(doubts)
        .map(all -> doubts.stream().flatMap(doubt -> doubt.result().stream()).toList());
  }

  private Future<Optional<String>> check(Demand demand) {
    return redis.send(Command.CONFIG, "GET", demand.setting()).map(demand::doubt);
  }
}
