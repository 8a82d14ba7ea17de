package dev.sagax.order;

import dev.sagax.order.api.DeadMansSwitches;
import dev.sagax.order.api.MarketAdminApi;
import dev.sagax.order.api.OrderApi;
import dev.sagax.order.api.OrderNews;
import dev.sagax.order.api.OrderWatchApi;
import dev.sagax.order.api.SagaApi;
import dev.sagax.order.api.WaitingCalls;
import dev.sagax.order.ledger.LedgerClient;
import dev.sagax.order.ledger.LedgerWatch;
import dev.sagax.order.saga.OrderSaga;
import dev.sagax.order.saga.trace.SagaParts;
import dev.sagax.order.saga.trace.SagaTraces;
import dev.sagax.order.store.MarketWatch;
import dev.sagax.order.store.OrdersSchema;
import dev.sagax.order.store.PgMarketStatuses;
import dev.sagax.order.store.PgOrderFigures;
import dev.sagax.order.store.PgOrderHistory;
import dev.sagax.order.store.PgOrderSnapshots;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.fault.FaultPoint;
import dev.sagax.platform.log.FaultyAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.metrics.Looks;
import dev.sagax.platform.stream.LogTail;
import dev.sagax.proto.event.v1.OrderUpdated;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;

/** order-svc: takes orders and owns their life. */
public final class OrderVerticle extends ServiceVerticle {
  private static final int WAITING_CALLS_A_PARTITION = 5_000;
  private static final int SNAPSHOT_CONNECTIONS = 2;
  private static final int FIGURES_CONNECTIONS = 1;

  public OrderVerticle(ServiceConfig config) {
    super("order-svc", config);
  }

  @Override
  protected Future<Void> assemble(ServicePlatform platform) {
    WaitingCalls waitingCalls = new WaitingCalls(WAITING_CALLS_A_PARTITION);
    platform
        .metrics()
        .gauge(
            "sagax_waiting_calls",
            "Calls that wait here for news of their orders.",
            waitingCalls::size);
    LogTail<OrderUpdated> tail =
        new LogTail<>(
            platform.vertx(),
            Topic.ORDER_UPDATED,
            platform.config().partitions(),
            platform.reader(),
            new OrderNews());
    LogFollower news =
        platform.follow(
            List.of(Topic.ORDER_UPDATED),
            record -> {
              waitingCalls.onRecord(record);
              tail.onRecord(record);
            });
    new OrderApi(
            platform.vertx(),
            platform.markets(),
            InstantSource.system(),
            new FaultyAppender(
                platform.appender(),
                platform.faults(),
                FaultPoint.ORDER_API_BEFORE_APPEND,
                FaultPoint.ORDER_API_AFTER_APPEND),
            news,
            waitingCalls,
            new PgOrderHistory(platform.db()),
            watchLedger(platform).and(watchMarkets(platform)),
            platform.faults())
        .register(platform.edge());
    new MarketAdminApi(
            platform.vertx(),
            platform.markets(),
            InstantSource.system(),
            platform.appender(),
            new PgOrderHistory(platform.db()),
            new PgMarketStatuses(platform.db()))
        .register(platform.edge());
    new OrderWatchApi(
            platform.markets(),
            platform.config().partitions(),
            tail,
            new PgOrderSnapshots(platform.ownDb(SNAPSHOT_CONNECTIONS)))
        .register(platform.edge());
    new SagaApi(traces(platform)).register(platform.edge());
    return platform
        .migrate(new OrdersSchema())
        .compose(migrated -> {
          platform.runSaga(
              OrderSaga.of(
                  platform.markets(),
                  ledger(platform),
                  platform.config().partitions(),
                  platform.config().maxOpenOrders()));
          new DeadMansSwitches(
                  platform.vertx(),
                  platform.markets(),
                  platform.config().partitions(),
                  new PgOrderHistory(platform.db()),
                  platform.appender(),
                  news,
                  InstantSource.system())
              .start();
          PgOrderFigures figures =
              new PgOrderFigures(platform.longReadsDb(FIGURES_CONNECTIONS), platform.metrics());
          Looks.start(platform.vertx(), platform.metrics(), "orders", figures::look);
          return news.started().compose(started -> tail.start());
        });
  }

  private static SagaTraces traces(ServicePlatform platform) {
    ServiceConfig config = platform.config();
    return new SagaTraces(
        platform.db(),
        new PgOrderHistory(platform.db()),
        platform.markets(),
        config.partitions(),
        platform.reader(),
        new SagaParts(
            platform.channel(config.matchAddresses()), platform.channel(config.ledgerAddresses())));
  }

  private static LedgerWatch watchLedger(ServicePlatform platform) {
    LedgerWatch watch =
        new LedgerWatch(platform.vertx(), platform.channel(platform.config().ledgerAddresses()));
    watch.start();
    return watch;
  }

  private static MarketWatch watchMarkets(ServicePlatform platform) {
    MarketWatch watch = new MarketWatch(platform.vertx(), new PgMarketStatuses(platform.db()));
    watch.start();
    return watch;
  }

  private static Ledger ledger(ServicePlatform platform) {
    return new LedgerClient(
        platform.channel(platform.config().ledgerAddresses()), platform.faults());
  }
}
