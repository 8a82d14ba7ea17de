package dev.sagax.settle.redis;

import dev.sagax.local.infra.RedisServer;
import dev.sagax.local.locks.DevCa;
import dev.sagax.local.locks.RedisUsers;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.settle.Journal;
import dev.sagax.settle.LedgerImage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A real Redis with a clean ledger for each test. It speaks TLS, and whatever a test has the ledger
 * do is done as the user that settle-svc is in production, with that user's few rights.
 */
public final class RedisFixture implements AutoCloseable {
  private static final long TIMEOUT_MILLIS = 5_000;

  public final Vertx vertx = Vertx.vertx();
  public final RedisServer server;

  private final Path data;

  public RedisFixture(Path home) {
    data = home.resolve("redis/data");
    server =
        new RedisServer(home.resolve("redis"), 0)
            .lockedFor(
                new DevCa(home.resolve("certificates"), "redis").issue("redis"),
                RedisUsers.write(home.resolve("users.acl")));
    server.start();
  }

  /** Where settle-svc logs in. */
  public String ledgerUri() {
    return uri(RedisUsers.LEDGER);
  }

  /** Where {@code ./sagax ledger} logs in. */
  public String rebuildUri() {
    return uri(RedisUsers.REBUILD);
  }

  String adminUri() {
    return uri(RedisUsers.ADMIN);
  }

  private String uri(String user) {
    return server.uri(user, RedisUsers.password(user));
  }

  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  public RedisLedger ledger(Journal journal) {
    return new RedisLedger(
        vertx, ledgerUri(), journal, (dependency, up, detail) -> {}, FaultInjector.idle());
  }

  /** One command on a connection of its own. */
  public Response command(Command command, String... arguments) {
    return await(
        RedisSession.connect(vertx, adminUri(), TIMEOUT_MILLIS)
            .compose(
                session -> session.send(command, arguments).onComplete(reply -> session.close())));
  }

  /** All that is in the ledger. */
  public LedgerImage image() {
    return await(
        RedisSite.connect(vertx, rebuildUri(), "")
            .compose(site -> site.image().onComplete(image -> site.close())));
  }

  /** A file that Redis keeps. */
  public Path file(String name) {
    return data.resolve(name);
  }

  /** As if it had lost everything: who connects next has its file rewritten first. */
  public void wipe() {
    command(Command.FLUSHALL);
  }

  /** No ledger, in a Redis whose file is known to be sound. */
  public void empty() {
    await(
        RedisSession.connect(vertx, adminUri(), TIMEOUT_MILLIS)
            .compose(session ->
                session
                    .send(Command.FLUSHALL)
                    .compose(v -> new SoundAof(vertx, session).runId())
                    .compose(runId -> session.send(Command.SET, LedgerKeys.RUN, runId))
                    .onComplete(done -> session.close())));
  }

  @Override
  public void close() {
    await(vertx.close());
    server.close();
  }
}
