package dev.sagax.local.e2e;

import dev.sagax.match.MatchVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/** One more match-svc over the stores of a running exchange. */
final class MatchReplica implements AutoCloseable {
  private static final long SECONDS = 60;

  private final Vertx vertx = Vertx.vertx();
  private final MatchVerticle verticle;

  MatchReplica(TestExchange exchange) {
    verticle = new MatchVerticle(OrderReplica.config(exchange));
    await(vertx.deployVerticle(verticle));
  }

  int port() {
    return verticle.port();
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private static void await(Future<?> future) {
    future.toCompletionStage().toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }
}
