package dev.sagax.settle.redis;

import dev.sagax.platform.tls.StoreAddress;
import dev.sagax.platform.tls.TlsAdvice;
import dev.sagax.platform.tls.TlsException;
import dev.sagax.settle.LedgerRefusedException;
import dev.sagax.settle.LedgerUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One pipelined connection. The client knows no time-outs, so every command gets one here; a
 * command that times out may still be carried out, so the connection is closed and nothing is
 * assumed.
 */
final class RedisSession {
  private static final int MAX_IN_FLIGHT = 100_000;

  /** How the client fails what was under way when the connection ended: as an error of Redis. */
  private static final String CLOSED = "CONNECTION_CLOSED";

  private final Redis client;
  private final RedisConnection connection;
  private final long timeoutMillis;
  private Runnable whenLost = () -> {};
  private long epoch;

  private RedisSession(Redis client, RedisConnection connection, long timeoutMillis) {
    this.client = client;
    this.connection = connection;
    this.timeoutMillis = timeoutMillis;
    connection.endHandler(v -> lose());
    connection.exceptionHandler(failure -> lose());
  }

  static Future<RedisSession> connect(Vertx vertx, String uri, long timeoutMillis) {
    // A client of its own for each connection: closing it closes the connection, not just its
    // lease.
    RedisOptions options;
    try {
      options = StoreAddress.redis(uri);
    } catch (TlsException wrong) {
      return Future.failedFuture(new LedgerRefusedException(wrong.getMessage()));
    }
    Redis client = Redis.createClient(vertx, options.setMaxWaitingHandlers(MAX_IN_FLIGHT));
    return client
        .connect()
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .map(connection -> new RedisSession(client, connection, timeoutMillis))
        .recover(failure -> {
          client.close();
          return Future.failedFuture(
              barred(failure)
                  .or(() -> unbelieved(failure))
                  .<Throwable>map(LedgerRefusedException::new)
                  .orElse(new LedgerUnavailableException("Redis cannot be reached.", failure)));
        });
  }

  void whenLost(Runnable action) {
    whenLost = action;
  }

  /** The epoch under which this connection may write; set once, when the ledger is opened. */
  long epoch() {
    return epoch;
  }

  void epoch(long agreed) {
    epoch = agreed;
  }

  Future<Response> send(Command command, String... arguments) {
    Request request = Request.cmd(command);
    for (String argument : arguments) {
      request.arg(argument);
    }
    return send(request);
  }

  /**
   * Fails with ErrorType if Redis says no, with {@link LedgerRefusedException} if this user may not
   * ask that, else with {@link LedgerUnavailableException}.
   */
  Future<Response> send(Request request) {
    return connection
        .send(request)
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .recover(this::translate);
  }

  /** What to do, if it is us whom Redis does not want; waiting does not help then. */
  private static Optional<String> barred(Throwable failure) {
    if (failure instanceof ErrorType said && (said.is("WRONGPASS") || said.is("NOAUTH"))) {
      return Optional.of(
          "redis.uri: Redis refuses the login (%s). Correct its user and password, or make the user there."
              .formatted(said.getMessage()));
    }
    if (failure instanceof ErrorType said && said.is("NOPERM")) {
      return Optional.of(
          "redis.uri: the user lacks a right (%s). Give it the rules of redis-users.acl."
              .formatted(said.getMessage()));
    }
    return Optional.empty();
  }

  private static Optional<String> unbelieved(Throwable failure) {
    return TlsAdvice.of(failure, "Redis", "cacert in redis.uri")
        .map(advice -> "redis.uri: " + advice + ".");
  }

  private Future<Response> translate(Throwable failure) {
    Optional<String> advice = barred(failure);
    if (advice.isPresent()) {
      return Future.failedFuture(new LedgerRefusedException(advice.get()));
    }
    if (failure instanceof ErrorType error && !error.is(CLOSED)) {
      return Future.failedFuture(failure);
    }
    lose();
    return Future.failedFuture(
        new LedgerUnavailableException(
            "Redis did not answer; whether it carried out the command is not known.", failure));
  }

  private void lose() {
    whenLost.run();
    close();
  }

  void close() {
    client.close();
  }
}
