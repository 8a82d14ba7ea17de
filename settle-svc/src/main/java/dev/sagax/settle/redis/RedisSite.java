package dev.sagax.settle.redis;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.settle.Journal;
import dev.sagax.settle.LedgerImage;
import dev.sagax.settle.LedgerPiece;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerSite;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The ledger's keys in a Redis that may hold other things too. */
public final class RedisSite implements LedgerSite {
  /** Nothing that a rebuild asks may take longer; a page is some milliseconds. */
  private static final long TIMEOUT_MILLIS = 30_000;

  /** So many pieces a script, which blocks Redis for some milliseconds. */
  private static final int PIECES = 1_000;

  private static final String SCRIPT = LedgerScript.read("rebuild.lua");

  private final Vertx vertx;
  private final RedisSession redis;
  private final SoundAof aof;
  private final String word;

  private RedisSite(Vertx vertx, RedisSession redis, String rebuild) {
    this.vertx = vertx;
    this.redis = redis;
    this.aof = new SoundAof(vertx, redis);
    this.word = LedgerKeys.REBUILDING + rebuild;
  }

  /**
   * @param rebuild tells this rebuild from all others; of no meaning to who only looks
   */
  public static Future<RedisSite> connect(Vertx vertx, String uri, String rebuild) {
    return RedisSession.connect(vertx, uri, TIMEOUT_MILLIS)
        .map(session -> new RedisSite(vertx, session, rebuild));
  }

  @Override
  public Future<String> owner() {
    return aof.demandDurability()
        .compose(v -> redis.send(Command.GET, LedgerKeys.EPOCH))
        .map(reply -> reply == null ? "" : reply.toString());
  }

  @Override
  public Future<Void> fence(String owner) {
    return run("FENCE", List.of(), List.of(owner));
  }

  @Override
  public Future<Void> clear() {
    return ImageReader.scan(redis, this::clear);
  }

  private Future<Void> clear(List<String> keys) {
    List<String> old = keys.stream().filter(key -> !key.equals(LedgerKeys.EPOCH)).toList();
    return old.isEmpty() ? Future.succeededFuture() : run("CLEAR", old, List.of());
  }

  @Override
  public Future<Void> write(List<LedgerPiece> pieces) {
    List<Future<Void>> parts = new ArrayList<>();
    for (int from = 0; from < pieces.size(); from += PIECES) {
      parts.add(writePart(pieces.subList(from, Math.min(from + PIECES, pieces.size()))));
    }
    return Future.all(parts).mapEmpty();
  }

  private Future<Void> writePart(List<LedgerPiece> pieces) {
    Fields fields = new Fields();
    for (LedgerPiece piece : pieces) {
      switch (piece) {
        case LedgerPiece.OfAccount(String account, var balance) -> {
          String key = LedgerKeys.account(account);
          fields.add(key, balance.asset() + LedgerKeys.AVAILABLE, balance.availableUnits());
          fields.add(key, balance.asset() + LedgerKeys.HELD, balance.heldUnits());
        }
        case LedgerPiece.OfHold hold -> {
          String key = LedgerKeys.holds(hold.partition());
          fields.add(key, hold.orderId(), hold.amountUnits());
          fields.add(key, hold.orderId() + LedgerKeys.LEFT, hold.leftUnits());
        }
        case LedgerPiece.OfSupply(String asset, long units) ->
            fields.add(LedgerKeys.SUPPLY, asset, units);
        case LedgerPiece.OfFees(String asset, long units) ->
            fields.add(LedgerKeys.FEES, asset, units);
        case LedgerPiece.OfFreeze(String account) ->
            fields.add(LedgerKeys.FROZEN, LedgerKeys.account(account), 1);
        case LedgerPiece.OfLog(var log, long position) ->
            fields.add(LedgerKeys.log(log), LedgerKeys.MARK, position);
      }
    }
    return run("WRITE", fields.keys(), fields.arguments);
  }

  /** Fields of hashes, as rebuild.lua takes them. */
  private static final class Fields {
    private static final int FIRST_KEY = 2;

    private final Map<String, Integer> keyNumbers = new LinkedHashMap<>();
    private final List<String> arguments = new ArrayList<>();

    void add(String key, String field, long value) {
      int number = keyNumbers.computeIfAbsent(key, k -> keyNumbers.size() + FIRST_KEY);
      arguments.add(Integer.toString(number));
      arguments.add(field);
      arguments.add(Long.toString(value));
    }

    List<String> keys() {
      return List.copyOf(keyNumbers.keySet());
    }
  }

  @Override
  public Future<LedgerImage> image() {
    return new ImageReader(redis).read();
  }

  @Override
  public Future<Void> secure() {
    return aof.rewrite();
  }

  @Override
  public Future<Void> open(long epoch) {
    return aof.runId()
        .compose(
            runId -> run("OPEN", List.of(LedgerKeys.RUN), List.of(runId, Long.toString(epoch))));
  }

  private Future<Void> run(String what, List<String> keys, List<String> arguments) {
    Request request = Request.cmd(Command.EVAL).arg(SCRIPT).arg(keys.size() + 1);
    request.arg(LedgerKeys.EPOCH);
    keys.forEach(request::arg);
    request.arg(word).arg(what);
    arguments.forEach(request::arg);
    return redis.send(request).compose(RedisSite::requireMine);
  }

  private static Future<Void> requireMine(Response reply) {
    return reply.toString().equals("OK")
        ? Future.succeededFuture()
        : Future.failedFuture(
            new LedgerRefusedException(
                "Another rebuild has begun or was done meanwhile, or Redis lost its data again; this one stops."));
  }

  @Override
  public Future<Optional<String>> doubt(Journal journal) {
    return new LedgerOpening(vertx, redis, journal, FaultInjector.idle())
        .inspect()
        .map(v -> Optional.<String>empty())
        .recover(failure ->
            failure instanceof LedgerRefusedException
                ? Future.succeededFuture(Optional.of(failure.getMessage()))
                : Future.failedFuture(failure));
  }

  public void close() {
    redis.close();
  }
}
