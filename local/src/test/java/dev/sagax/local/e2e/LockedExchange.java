package dev.sagax.local.e2e;

import dev.sagax.asset.AssetVerticle;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.locks.Locks;
import dev.sagax.match.MatchVerticle;
import dev.sagax.order.OrderVerticle;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.rpc.Tokens;
import dev.sagax.settle.SettleVerticle;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/** The four services over locked servers, each as itself; clients come by TLS. */
final class LockedExchange implements AutoCloseable {
  private static final long START_SECONDS = 120;

  final Locks locks;
  final Path markets;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(4));
  private final Map<Setting, String> addresses = new EnumMap<>(Setting.class);
  private PortClients clients;

  LockedExchange(Locks locks, Path folder) {
    this.locks = locks;
    this.markets = TestMarkets.write(folder.resolve("markets.yaml"));
  }

  /** Starts all four, as {@code ./sagax up} does, and waits until they listen. */
  LockedExchange start() throws Exception {
    int settle = deploy("settle-svc", SettleVerticle::new, Setting.LEDGER_ADDRESS);
    int match = deploy("match-svc", MatchVerticle::new, Setting.MATCH_ADDRESS);
    int asset = deploy("asset-svc", AssetVerticle::new, null);
    int order = deploy("order-svc", OrderVerticle::new, null);
    Tokens tokens = Tokens.ofKeyFile(locks.keyFile());
    clients =
        new PortClients(
            new LocalExchange.Ports(order, match, settle, asset),
            this::channel,
            new Wallet((account, scopes) -> tokens.issue(account, scopes, Duration.ofHours(1)))
                ::token,
            new AtomicInteger());
    return this;
  }

  /** What a service of this exchange is set to, as far as it has started. */
  Map<Setting, String> settingsOf(String service) {
    Map<Setting, String> settings = locks.settingsOf(service, markets);
    settings.putAll(addresses);
    return settings;
  }

  private int deploy(String name, Function<ServiceConfig, ServiceVerticle> maker, Setting addressOf)
      throws Exception {
    ServiceVerticle service = maker.apply(ServiceConfig.of(0, settingsOf(name)));
    vertx
        .deployVerticle(service)
        .toCompletionStage()
        .toCompletableFuture()
        .get(START_SECONDS, TimeUnit.SECONDS);
    if (addressOf != null) {
      addresses.put(addressOf, "localhost:" + service.port());
    }
    return service.port();
  }

  private ManagedChannel channel(int port) {
    try {
      return NettyChannelBuilder.forAddress("localhost", port)
          .sslContext(GrpcSslContexts.forClient().trustManager(locks.ca.file().toFile()).build())
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** By TLS, to all four. */
  Clients clients() {
    return clients;
  }

  @Override
  public void close() {
    if (clients != null) { // its start may have failed
      clients.close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
