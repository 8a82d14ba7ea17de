package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sagax.asset.AssetMain;
import dev.sagax.local.DevTokens;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.match.MatchMain;
import dev.sagax.order.OrderMain;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.DepositRequest;
import dev.sagax.proto.asset.v1.GetBalancesRequest;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.market.v1.ListTradesRequest;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import dev.sagax.proto.order.v1.Wait;
import dev.sagax.settle.SettleMain;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The four services as four processes, each started by its own main class. */
class ServiceProcessesTest {
  private static final Pattern LISTENS =
      Pattern.compile("-svc listens on 127\\.0\\.0\\.1:([0-9]+)");
  private static final String MARKET = TestMarkets.coarse(0);
  private static final long DEADLINE_SECONDS = 20;

  @TempDir private Path folder;
  private final List<JavaProcess> services = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @Test
  void orderGoesThroughFourProcessesWhichThenStopWhenTold() throws IOException {
    TestMarkets.write(folder.resolve("markets.yaml"));
    try (Infrastructure servers = Infrastructure.start(folder.resolve("servers"), line -> {})) {
      Path config = configuration(servers);
      // The file names a ledger that is not there; the environment goes before it.
      JavaProcess settle = start(SettleMain.class, config, Map.of());
      Map<String, String> ledger =
          Map.of("SAGAX_LEDGER_ADDRESS", "127.0.0.1:" + settle.says(LISTENS));
      JavaProcess match = start(MatchMain.class, config, ledger);
      JavaProcess asset = start(AssetMain.class, config, ledger);
      JavaProcess order = start(OrderMain.class, config, ledger);

      trade(channel(order), channel(match), channel(settle), channel(asset));

      services.forEach(service -> service.signal("TERM"));
      for (JavaProcess service : services) {
        assertThat(service.exitCode()).as(service.output()).isEqualTo(128 + 15);
        assertThat(service.output())
            .contains("-svc has stopped")
            .doesNotContain("did not stop gracefully");
      }
      assertThat(order.output().lines().filter(line -> line.contains("has stopped")))
          .as("no terminal is there")
          .singleElement()
          .satisfies(line -> {
            JsonNode said = new ObjectMapper().readTree(line);
            assertThat(said.get("message").asText()).isEqualTo("order-svc has stopped");
            assertThat(said.get("service").asText()).isEqualTo("order-svc");
            assertThat(said.get("level").asText()).isEqualTo("INFO");
          });
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
      services.forEach(JavaProcess::close);
    }
  }

  @Test
  void settingThatThereIsNotIsMisuse() throws IOException {
    Path config = Files.writeString(folder.resolve("wrong.properties"), "kafka.boostrap=x:1\n");

    try (JavaProcess service = start(SettleMain.class, config, Map.of())) {
      assertThat(service.exitCode()).isEqualTo(2);
      assertThat(service.output()).contains("there is no setting kafka.boostrap");
    }
  }

  private Path configuration(Infrastructure servers) throws IOException {
    return Files.writeString(
        folder.resolve("sagax.properties"),
        """
        kafka.bootstrap=%s
        postgres.uri=%s
        redis.uri=%s
        grpc.port=0
        ledger.address=127.0.0.1:1
        auth.key.file=%s
        topics.replication=1
        topics.allow.unreplicated=true
        """
            .formatted(
                servers.kafkaBootstrap(), servers.postgresUri(), servers.redisUri(), keyFile()));
  }

  private Path keyFile() {
    return folder.resolve("key.pem");
  }

  private JavaProcess start(Class<?> main, Path config, Map<String, String> environment) {
    JavaProcess service =
        JavaProcess.start(
            main,
            "logback.xml",
            folder.resolve(main.getSimpleName() + ".log"),
            environment,
            "--config",
            config.toString(),
            "--markets",
            folder.resolve("markets.yaml").toString());
    services.add(service);
    return service;
  }

  private ManagedChannel channel(JavaProcess service) {
    int port = Integer.parseInt(service.says(LISTENS));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private void trade(
      ManagedChannel order, ManagedChannel match, ManagedChannel settle, ManagedChannel asset) {
    Eventually.passes(() -> deposit(asset, "maker", "BTC", "1"));
    deposit(asset, "taker", "USD", "100");

    Order rests = place(order, "maker", Side.SIDE_SELL);
    Order takes = place(order, "taker", Side.SIDE_BUY);

    assertThat(Tape.of(rests)).isEqualTo("OPEN 0 for 0, fee 0 USD, left 0.5");
    assertThat(Tape.of(takes)).isEqualTo("FILLED 0.5 for 50, fee 0.001 BTC, left 0");
    Eventually.passes(() ->
        assertThat(
                MarketDataServiceGrpc.newBlockingStub(match)
                    .withInterceptors(as("taker", Scope.READ))
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .listTrades(ListTradesRequest.newBuilder().setMarket(MARKET).build())
                    .getTradesCount())
            .isEqualTo(1));
    assertThat(balances(asset, "maker")).containsExactly("BTC 0.5", "USD 49.95");
    assertThat(balances(asset, "taker")).containsExactly("BTC 0.499", "USD 50");
    assertThat(
            LedgerServiceGrpc.newBlockingStub(settle)
                .withInterceptors(as("operator", Scope.OPERATOR))
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .audit(AuditRequest.getDefaultInstance())
                .getConserved())
        .isTrue();
  }

  private void deposit(ManagedChannel channel, String account, String asset, String amount) {
    assertThat(
            AssetServiceGrpc.newBlockingStub(channel)
                .withInterceptors(as("operator", Scope.OPERATOR))
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .deposit(
                    DepositRequest.newBuilder()
                        .setAccount(account)
                        .setAsset(asset)
                        .setAmount(amount)
                        .setRequestId("first")
                        .build())
                .getTransfer()
                .getStatus())
        .isEqualTo(TransferStatus.TRANSFER_STATUS_COMPLETED);
  }

  private Order place(ManagedChannel channel, String account, Side side) {
    return OrderServiceGrpc.newBlockingStub(channel)
        .withInterceptors(as(account, Scope.TRADE))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .placeOrder(
            PlaceOrderRequest.newBuilder()
                .setMarket(MARKET)
                .setClientOrderId("first")
                .setLimit(Trader.limit(side, "0.5", "100", TimeInForce.TIME_IN_FORCE_GTC))
                .setWait(Wait.WAIT_SETTLED)
                .build())
        .getOrder();
  }

  private List<String> balances(ManagedChannel channel, String account) {
    return AssetServiceGrpc.newBlockingStub(channel)
        .withInterceptors(as(account, Scope.READ))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .getBalances(GetBalancesRequest.getDefaultInstance())
        .getBalancesList()
        .stream()
        .map(ServiceProcessesTest::tell)
        .sorted()
        .toList();
  }

  private static String tell(Balance balance) {
    return balance.getAsset() + " " + balance.getAvailable();
  }

  private ClientInterceptor as(String account, Scope scope) {
    return TestExchange.bearer(
        DevTokens.load(keyFile()).issue(account, Set.of(scope), Duration.ofHours(1)));
  }
}
