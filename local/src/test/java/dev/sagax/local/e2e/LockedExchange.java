package dev.sagax.local.e2e;

import dev.sagax.asset.AssetVerticle;
import dev.sagax.local.locks.Locks;
import dev.sagax.match.MatchVerticle;
import dev.sagax.order.OrderVerticle;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.rpc.Tokens;
import dev.sagax.settle.SettleVerticle;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The four services over locked servers, each as itself; clients come by TLS. */
final class LockedExchange implements Clients, AutoCloseable {
  private static final long START_SECONDS = 120;

  final Locks locks;
  final Path markets;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(4));
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicInteger accounts = new AtomicInteger();
  private final Map<Setting, String> addresses = new EnumMap<>(Setting.class);
  private Tokens tokens;
  private ManagedChannel order;
  private ManagedChannel match;
  private ManagedChannel settle;
  private ManagedChannel asset;

  LockedExchange(Locks locks, Path folder) {
    this.locks = locks;
    this.markets = TestMarkets.write(folder.resolve("markets.yaml"));
  }

  /** Starts all four, as {@code ./sagax up} does, and waits until they listen. */
  LockedExchange start() throws Exception {
    settle = channel(deploy("settle-svc", SettleVerticle::new, Setting.LEDGER_ADDRESS));
    match = channel(deploy("match-svc", MatchVerticle::new, Setting.MATCH_ADDRESS));
    asset = channel(deploy("asset-svc", AssetVerticle::new, null));
    order = channel(deploy("order-svc", OrderVerticle::new, null));
    tokens = Tokens.ofKeyFile(locks.keyFile());
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

  private ManagedChannel channel(int port) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", port)
            .sslContext(GrpcSslContexts.forClient().trustManager(locks.ca.file().toFile()).build())
            .build();
    channels.add(channel);
    return channel;
  }

  @Override
  public ManagedChannel order() {
    return order;
  }

  @Override
  public ManagedChannel match() {
    return match;
  }

  @Override
  public ManagedChannel settle() {
    return settle;
  }

  @Override
  public ManagedChannel asset() {
    return asset;
  }

  @Override
  public String token(String account, Scope... scopes) {
    return tokens.issue(account, Set.of(scopes), Duration.ofHours(1));
  }

  @Override
  public Trader trader(String name) {
    return new Trader(this, name + "-" + accounts.incrementAndGet());
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }
}
