package dev.sagax.local.e2e;

import dev.sagax.local.LocalExchange;
import dev.sagax.order.OrderVerticle;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One more order-svc over the stores of a running exchange. */
final class OrderReplica implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final long SECONDS = 60;

  private final Vertx vertx = Vertx.vertx();
  private final OrderVerticle verticle;

  OrderReplica(TestExchange exchange) {
    verticle = new OrderVerticle(config(exchange));
    await(vertx.deployVerticle(verticle));
  }

  /** Of one more instance of a service, on any free port. */
  static ServiceConfig config(TestExchange exchange) {
    LocalExchange local = exchange.local();
    return ServiceConfig.of(
        0,
        Map.ofEntries(
            Map.entry(Setting.KAFKA_BOOTSTRAP, local.infrastructure().kafkaBootstrap()),
            Map.entry(Setting.POSTGRES_URI, local.infrastructure().postgresUri()),
            Map.entry(Setting.REDIS_URI, local.infrastructure().redisUri()),
            Map.entry(Setting.GRPC_HOST, HOST),
            Map.entry(Setting.MARKETS_FILE, local.marketsFile().toString()),
            Map.entry(Setting.AUTH_KEY_FILE, exchange.keyFile().toString()),
            Map.entry(Setting.TOPICS_PARTITIONS, Integer.toString(LocalExchange.PARTITIONS)),
            Map.entry(Setting.TOPICS_REPLICATION, "1"),
            Map.entry(Setting.TOPICS_ALLOW_UNREPLICATED, "true"),
            Map.entry(Setting.RATELIMIT_LIMITS, "off"),
            Map.entry(Setting.LEDGER_ADDRESS, HOST + ":" + local.ports().settle()),
            Map.entry(Setting.MATCH_ADDRESS, HOST + ":" + local.ports().match())));
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
