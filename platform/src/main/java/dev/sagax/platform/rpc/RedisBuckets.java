package dev.sagax.platform.rpc;

import dev.sagax.platform.tls.StoreAddress;
import dev.sagax.proto.auth.v1.MethodClass;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Buckets in Redis, one key each ({@code ratelimit:CLASS:ACCOUNT}), over one connection that is
 * opened when it is needed. The keys are outside of the ledger's hash tag, expire by themselves and
 * may be lost. Safe on any thread.
 */
final class RedisBuckets implements Buckets {
  static final String PREFIX = "ratelimit:";
  private static final String SCRIPT = read();
  private static final int MAX_IN_FLIGHT = 10_000;

  private final Vertx vertx;
  private final String uri;
  private final long patienceMillis;
  private Future<Line> line = Future.failedFuture("There is no connection yet.");

  /** A connection, and the client that it alone belongs to. */
  private record Line(Redis client, RedisConnection connection) {}

  /**
   * @param patienceMillis how long to wait for an answer
   */
  RedisBuckets(Vertx vertx, String uri, long patienceMillis) {
    this.vertx = vertx;
    this.uri = uri;
    this.patienceMillis = patienceMillis;
  }

  @Override
  public Future<Taken> take(
      String account, MethodClass methodClass, RateLimit limit, int owed, int wanted) {
    Request request =
        Request.cmd(Command.EVAL)
            .arg(SCRIPT)
            .arg(1)
            .arg(PREFIX + RateLimit.wordOf(methodClass) + ":" + account)
            .arg(limit.perSecond())
            .arg(limit.burst())
            .arg(owed)
            .arg(wanted);
    Future<Line> open = line();
    return open.compose(opened -> opened.connection().send(request))
        .timeout(patienceMillis, TimeUnit.MILLISECONDS)
        .map(RedisBuckets::taken)
        .onFailure(failure -> drop(open));
  }

  private static Taken taken(Response reply) {
    return new Taken(reply.get(0).toInteger(), reply.get(1).toInteger(), reply.get(2).toLong());
  }

  private synchronized Future<Line> line() {
    if (line.failed()) {
      line = connect();
    }
    return line;
  }

  private Future<Line> connect() {
    Redis client =
        Redis.createClient(vertx, StoreAddress.redis(uri).setMaxWaitingHandlers(MAX_IN_FLIGHT));
    return client
        .connect()
        .timeout(patienceMillis, TimeUnit.MILLISECONDS)
        .map(connection -> listen(new Line(client, connection)))
        .onFailure(failure -> client.close());
  }

  private Line listen(Line opened) {
    opened.connection().endHandler(v -> lose(opened));
    opened.connection().exceptionHandler(failure -> lose(opened));
    return opened;
  }

  private synchronized void lose(Line lost) {
    if (line.succeeded() && line.result() == lost) {
      forget();
    }
    lost.client().close();
  }

  private synchronized void drop(Future<Line> failed) {
    if (line == failed) {
      forget();
    }
    failed.onSuccess(opened -> opened.client().close());
  }

  /** The next call opens another connection. */
  private void forget() {
    line = Future.failedFuture("The connection was given up.");
  }

  private static String read() {
    try (InputStream in = RedisBuckets.class.getResourceAsStream("bucket.lua")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
