package dev.sagax.settle.redis;

import dev.sagax.settle.Balance;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.LedgerImage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads the whole ledger in pages, so that Redis is never blocked for long. */
final class ImageReader {
  private static final String PAGE = "1000";
  private static final String START = "0";

  private final RedisSession redis;
  private final Map<FlowPartition, Long> marks = new HashMap<>();
  private final Map<String, Map<String, Balance>> accounts = new TreeMap<>();
  private final Map<String, String> holdFields = new HashMap<>();
  private final List<String> logs = new ArrayList<>();

  ImageReader(RedisSession redis) {
    this.redis = redis;
  }

  Future<LedgerImage> read() {
    return scan(this::noteLog)
        .compose(v -> readMarks())
        .compose(before -> scan(this::readKey).map(before))
        .compose(before ->
            Future.all(hash(LedgerKeys.SUPPLY), hash(LedgerKeys.FEES), frozen())
                .compose(sums ->
                    readMarks()
                        .map(after ->
                            new LedgerImage(
                                before,
                                after,
                                sums.resultAt(0),
                                sums.resultAt(1),
                                accounts,
                                holds(),
                                sums.resultAt(2)))));
  }

  private interface KeyReader {
    Future<Void> read(String key);
  }

  private Future<Void> scan(KeyReader reader) {
    return scan(redis, keys -> Future.all(keys.stream().map(reader::read).toList()).mapEmpty());
  }

  /** All keys of the ledger, page after page; a key may come twice. */
  static Future<Void> scan(RedisSession redis, Function<List<String>, Future<Void>> reader) {
    return pages(cursor ->
        redis
            .send(Command.SCAN, cursor, "MATCH", LedgerKeys.all(), "COUNT", PAGE)
            .compose(reply ->
                reader
                    .apply(reply.get(1).stream().map(Response::toString).toList())
                    .map(reply.get(0).toString())));
  }

  /**
   * @param page reads the page at a cursor and says where the next one is; it is START again after
   *     the last
   */
  private static Future<Void> pages(Function<String, Future<String>> page) {
    Promise<Void> done = Promise.promise();
    turn(START, page, done);
    return done.future();
  }

  /**
   * One promise for all pages: a chain of futures as long as a large ledger overflows the stack.
   */
  private static void turn(
      String cursor, Function<String, Future<String>> page, Promise<Void> done) {
    page.apply(cursor)
        .onFailure(done::fail)
        .onSuccess(next -> {
          if (next.equals(START)) {
            done.complete();
          } else {
            turn(next, page, done);
          }
        });
  }

  private Future<Void> noteLog(String key) {
    if (LedgerKeys.isLog(key) && !logs.contains(key)) {
      logs.add(key);
    }
    return Future.succeededFuture();
  }

  private Future<Map<FlowPartition, Long>> readMarks() {
    List<Future<Response>> all =
        logs.stream().map(key -> redis.send(Command.HGET, key, LedgerKeys.MARK)).toList();
    return Future.all(all)
        .map(replies -> {
          Map<FlowPartition, Long> now = new HashMap<>();
          for (int i = 0; i < logs.size(); i++) {
            now.put(LedgerKeys.logOf(logs.get(i)), replies.<Response>resultAt(i).toLong());
          }
          return now;
        });
  }

  private Future<Void> readKey(String key) {
    if (LedgerKeys.isAccount(key)) {
      return redis
          .send(Command.HGETALL, key)
          .map(reply -> accounts.put(LedgerKeys.accountOf(key), balances(reply)))
          .mapEmpty();
    }
    if (LedgerKeys.isLog(key) && !logs.contains(key)) {
      logs.add(key); // It has a mark after, but had none before: the ledger moved.
    }
    return LedgerKeys.isHolds(key)
        ? pages(
            cursor -> redis.send(Command.HSCAN, key, cursor, "COUNT", PAGE).map(this::noteHolds))
        : Future.succeededFuture();
  }

  private String noteHolds(Response reply) {
    Response fields = reply.get(1);
    for (int i = 0; i < fields.size(); i += 2) {
      holdFields.put(fields.get(i).toString(), fields.get(i + 1).toString());
    }
    return reply.get(0).toString();
  }

  private Map<String, LedgerImage.HoldFigures> holds() {
    Map<String, LedgerImage.HoldFigures> holds = new HashMap<>();
    holdFields.forEach((field, units) -> {
      if (!field.endsWith(LedgerKeys.LEFT)) {
        String left = holdFields.getOrDefault(field + LedgerKeys.LEFT, START);
        holds.put(field, new LedgerImage.HoldFigures(Long.parseLong(units), Long.parseLong(left)));
      }
    });
    return holds;
  }

  private Future<Set<String>> frozen() {
    return redis
        .send(Command.HKEYS, LedgerKeys.FROZEN)
        .map(keys ->
            keys.stream()
                .map(key -> LedgerKeys.accountOf(key.toString()))
                .collect(Collectors.toSet()));
  }

  private Future<Map<String, Long>> hash(String key) {
    return redis.send(Command.HGETALL, key).map(ImageReader::longs);
  }

  /** A hash of units. */
  static Map<String, Long> longs(Response fields) {
    Map<String, Long> values = new TreeMap<>();
    for (int i = 0; i < fields.size(); i += 2) {
      values.put(fields.get(i).toString(), Long.parseLong(fields.get(i + 1).toString()));
    }
    return values;
  }

  /** An account's hash by asset. */
  static Map<String, Balance> balances(Response fields) {
    Map<String, Balance> byAsset = new TreeMap<>();
    for (int i = 0; i < fields.size(); i += 2) {
      String field = fields.get(i).toString();
      long units = Long.parseLong(fields.get(i + 1).toString());
      String asset = field.substring(0, field.length() - LedgerKeys.HELD.length());
      Balance more =
          field.endsWith(LedgerKeys.HELD)
              ? new Balance(asset, 0, units)
              : new Balance(asset, units, 0);
      byAsset.merge(
          asset,
          more,
          (a, b) ->
              new Balance(
                  asset, a.availableUnits() + b.availableUnits(), a.heldUnits() + b.heldUnits()));
    }
    return byAsset;
  }
}
