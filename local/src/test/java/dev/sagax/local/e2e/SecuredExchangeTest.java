package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.asset.AssetVerticle;
import dev.sagax.local.StoreCheck;
import dev.sagax.local.locks.DevCa;
import dev.sagax.local.locks.KafkaUsers;
import dev.sagax.local.locks.Locks;
import dev.sagax.local.locks.PostgresRoles;
import dev.sagax.local.locks.RedisUsers;
import dev.sagax.platform.boot.ServiceConfig;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.boot.ServiceVerticle;
import dev.sagax.platform.boot.StartRefusedException;
import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.platform.tls.StoreAddress;
import dev.sagax.platform.tls.TlsFiles;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import dev.sagax.settle.SettleVerticle;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The exchange with every lock on: TLS everywhere, client certificates between the services, a user
 * of Redis and of Kafka and a role of PostgreSQL for each, with no more rights than it needs.
 */
@TestMethodOrder(MethodOrderer.MethodName.class)
class SecuredExchangeTest {
  @TempDir static Path folder;
  private static Locks locks;
  private static LockedExchange exchange;

  @BeforeAll
  static void start() throws Exception {
    locks = new Locks(folder);
    exchange = new LockedExchange(locks, folder).start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (exchange != null) {
      exchange.close();
    }
    if (locks != null) {
      locks.close();
    }
  }

  // ---- what works

  @Test
  void aTradeRunsToItsEnd() {
    String market = TestMarkets.coarse(0);
    Trader buyer = exchange.clients().trader("buyer").fund("USD", "1000");
    Trader seller = exchange.clients().trader("seller").fund("BTC", "2");

    Order sold = seller.sell(market, "1", "100");
    Order bought = buyer.buy(market, "1", "100");

    assertThat(bought.getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED);
    Eventually.passes(
        () -> assertThat(seller.get(sold).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_FILLED));
    Order resting = buyer.buy(market, "1", "50");
    assertThat(buyer.cancel(resting).getStatus()).isEqualTo(OrderStatus.ORDER_STATUS_CANCELLED);
    buyer.withdraw("USD", "10", buyer.nextId());
    exchange.clients().assertConserved();
  }

  @Test
  void aTradersTokenOfAServiceOpensNothing() {
    String token = exchange.clients().token("order-svc", Scope.SERVICE);

    Refused refused =
        Refused.by(() ->
            LedgerServiceGrpc.newBlockingStub(exchange.clients().settle())
                .withInterceptors(TestExchange.bearer(token))
                .getBalances(GetBalancesRequest.newBuilder().setAccount("x").build()));

    assertThat(refused.reason()).isEqualTo("CLIENT_CERTIFICATE_MISSING");
  }

  // ---- both stores

  @Test
  void storesAreComparedByTheirOwnersRightAlone() throws Exception {
    exchange.clients().trader("compared").fund("USD", "5");
    ServiceConfig config = ServiceConfig.of(0, exchange.settingsOf("settle-svc"));
    KafkaSettings kafka = new KafkaSettings(config.kafkaBootstrap(), "", config.security().kafka());

    try (StoreCheck stores = StoreCheck.at(locks.postgresUri(PostgresRoles.OWNER), kafka)) {
      assertThat(stores.findings()).isEmpty();
    }
    try (StoreCheck stores = StoreCheck.at(locks.postgresUri("settle-svc"), kafka)) {
      assertThatThrownBy(stores::findings)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("The role may not read the tables of every service");
    }
  }

  // ---- PostgreSQL

  @ParameterizedTest
  @ValueSource(
      strings = {
        "update ledger.leg set pay = pay + 1",
        "update ledger.transfer set amount = amount + 1",
        "update ledger.hold set amount = amount + 1",
        "update ledger.hold set account = 'thief'",
        "update ledger.withdrawal_end set amount = 0",
        "update ledger.external_id set transfer_id = gen_random_uuid()",
        "update ledger.account_freeze set frozen = false",
        "delete from ledger.leg",
        "delete from ledger.hold",
        "delete from ledger.transfer",
        "delete from ledger.withdrawal_end",
        "delete from ledger.account_freeze",
        "truncate ledger.leg",
        "truncate ledger.hold",
        "truncate ledger.transfer",
        "drop table ledger.leg",
        "alter table ledger.leg disable trigger all",
        "create table ledger.own(a int)",
        "delete from ledger.dead_letter",
        "update ledger.dead_letter set value = null",
        "select * from orders.orders",
        "select * from assets.transfers",
      })
  void theJournalIsWrittenOnce(String statement) {
    assertThatThrownBy(() -> asRole("settle-svc", statement))
        .as(statement)
        .isInstanceOfSatisfying(
            PgException.class, refused -> assertThat(refused.getSqlState()).isEqualTo("42501"));
  }

  @ParameterizedTest
  @CsvSource({
    "order-svc, select * from ledger.leg",
    "order-svc, delete from orders.orders",
    "match-svc, update matching.trade set price = price + 1",
    "match-svc, delete from matching.trade",
    "match-svc, select * from orders.orders",
    "asset-svc, insert into ledger.transfer select * from ledger.transfer",
    "asset-svc, delete from assets.transfers",
    "asset-svc, create schema own",
  })
  void everyServiceHasItsOwnTablesAlone(String role, String statement) {
    assertThatThrownBy(() -> asRole(role, statement))
        .as(statement)
        .isInstanceOfSatisfying(
            PgException.class, refused -> assertThat(refused.getSqlState()).isEqualTo("42501"));
  }

  @Test
  void whatTheJournalHoldsIsStillThere() throws Exception {
    exchange.clients().trader("saver").fund("USD", "5");

    assertThat(
            asRole("settle-svc", "select count(*) from ledger.transfer")
                .iterator()
                .next()
                .getLong(0))
        .isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"asset-svc", "settle-svc"})
  void onceTheTablesAreThereNobodyNeedsTheirOwner(String name) throws Exception {
    Map<Setting, String> settings = exchange.settingsOf(name);
    settings.put(
        Setting.POSTGRES_OWNER_URI,
        name.equals("asset-svc")
            ? ""
            : locks.servers.postgres().uri(PostgresRoles.OWNER, "that of before"));
    ServiceConfig config = ServiceConfig.of(0, settings);
    Vertx own = Vertx.vertx();
    try {
      own.deployVerticle(
              name.equals("asset-svc") ? new AssetVerticle(config) : new SettleVerticle(config))
          .toCompletionStage()
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);
    } finally {
      own.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static io.vertx.sqlclient.RowSet<io.vertx.sqlclient.Row> asRole(String role, String sql)
      throws Exception {
    return PostgresRoles.query(locks.vertx, locks.postgresUri(role), sql);
  }

  @Test
  void aServiceSaysHowLongItsCertificateLastsAndAnswersProbesInPlainText() throws Exception {
    Map<Setting, String> settings = exchange.settingsOf("asset-svc");
    int metricsPort = free();
    int healthPort = free();
    settings.put(Setting.METRICS_PORT, Integer.toString(metricsPort));
    settings.put(Setting.HEALTH_PORT, Integer.toString(healthPort));
    Vertx own = Vertx.vertx();
    ManagedChannel probe =
        NettyChannelBuilder.forAddress("127.0.0.1", healthPort).usePlaintext().build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      own.deployVerticle(new AssetVerticle(ServiceConfig.of(0, settings)))
          .toCompletionStage()
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);

      String metrics =
          http.send(
                  HttpRequest.newBuilder(
                          URI.create("http://127.0.0.1:%d/metrics".formatted(metricsPort)))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      assertThat(metrics).containsPattern("(?m)^sagax_certificate_expiry_seconds 8\\d{4}\\.");
      assertThat(
              HealthGrpc.newBlockingStub(probe)
                  .check(HealthCheckRequest.newBuilder().setService("liveness").build())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    } finally {
      probe.shutdownNow();
      own.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  // ---- Redis

  @ParameterizedTest
  @CsvSource({
    "ledger, FLUSHALL, ''",
    "ledger, FLUSHDB, ''",
    "ledger, KEYS, *",
    "ledger, CONFIG, SET appendfsync no",
    "ledger, CONFIG, REWRITE",
    "ledger, DEBUG, SLEEP 0",
    "ledger, SHUTDOWN, NOSAVE",
    "ledger, ACL, LIST",
    "ledger, REPLICAOF, NO ONE",
    "ledger, SCRIPT, FLUSH",
    "ledger, GET, ratelimit:place:alice",
    "ledger, SET, other 1",
    "ledger, UNLINK, {ledger}:epoch",
    "limits, GET, {ledger}:epoch",
    "limits, HGETALL, ratelimit:place:alice",
    "limits, FLUSHALL, ''",
    "limits, CONFIG, GET appendonly",
    "rebuild, FLUSHALL, ''",
    "rebuild, KEYS, *",
    "rebuild, CONFIG, SET appendonly no",
  })
  void aUserOfRedisMayDoNothingElse(String user, String command, String arguments) {
    assertThatThrownBy(() -> redis(user, command, arguments))
        .as("%s %s by %s", command, arguments, user)
        .hasMessageContaining("NOPERM");
  }

  @Test
  void aUserOfRedisMayLookAtWhatItNeeds() throws Exception {
    assertThat(redis(RedisUsers.LEDGER, "CONFIG", "GET appendonly").toString()).contains("yes");
    assertThat(redis(RedisUsers.LEDGER, "GET", "{ledger}:epoch").toString()).isEqualTo("1");
  }

  private static Response redis(String user, String command, String arguments) throws Exception {
    Request request = Request.cmd(Command.create(command));
    for (String argument : arguments.isEmpty() ? new String[0] : arguments.split(" ")) {
      request.arg(argument);
    }
    Redis client = Redis.createClient(locks.vertx, StoreAddress.redis(locks.redisUri(user)));
    try {
      return client
          .send(request)
          .toCompletionStage()
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      client.close();
    }
  }

  // ---- Kafka

  @ParameterizedTest
  @CsvSource({
    "asset-svc, settle.completed",
    "asset-svc, transfer.completed",
    "order-svc, settle.requested",
    "order-svc, transfer.requested",
    "match-svc, match.requested",
    "match-svc, settle.completed",
    "settle-svc, settle.requested",
    "settle-svc, order.updated",
  })
  void aServiceWritesNoTopicOfAnother(String service, String topic) {
    try (var producer =
        new KafkaProducer<>(kafka(service), new ByteArraySerializer(), new ByteArraySerializer())) {
      assertThatThrownBy(() ->
              producer
                  .send(new ProducerRecord<>(topic, 0, null, new byte[] {1}))
                  .get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(TopicAuthorizationException.class);
    }
  }

  @Test
  void aServiceJoinsNoGroupOfAnother() {
    Properties settings = kafka("asset-svc");
    settings.put("group.id", "settle-svc");
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partition = new TopicPartition("transfer.requested", 0);

      assertThatThrownBy(() -> consumer.committed(java.util.Set.of(partition)))
          .isInstanceOf(GroupAuthorizationException.class);
    }
  }

  private static Properties kafka(String service) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", locks.servers.kafka().lockedBootstrap());
    settings.put("security.protocol", "SASL_SSL");
    settings.put("sasl.mechanism", "SCRAM-SHA-512");
    settings.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(service, KafkaUsers.password(service)));
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.location", locks.ca.file().toString());
    return settings;
  }

  // ---- who may not come in hears why

  @Test
  void wrongPasswordOfPostgresEndsTheStart() {
    assertStartRefused(
        Map.of(
            Setting.POSTGRES_URI,
            locks.servers.postgres().uri("asset-svc", "wrong"),
            Setting.POSTGRES_OWNER_URI,
            ""),
        "postgres.uri",
        "refuses the login",
        "Correct its user and password");
  }

  @Test
  void wrongCaOfPostgresEndsTheStart() {
    assertStartRefused(
        Map.of(
            Setting.POSTGRES_URI,
            locks.postgresUri("asset-svc").replace(ours(), strangers()),
            Setting.POSTGRES_OWNER_URI,
            ""),
        "postgres.uri",
        "of no CA in sslrootcert");
  }

  @Test
  void missingCaOfPostgresEndsTheStart() {
    assertStartRefused(
        Map.of(
            Setting.POSTGRES_URI, locks.postgresUri("asset-svc").replaceAll("&sslrootcert.*", "")),
        "postgres.uri",
        "add sslrootcert=FILE");
  }

  @Test
  void wrongPasswordOfKafkaEndsTheStart() {
    assertStartRefused(
        Map.of(Setting.KAFKA_PASSWORD, "wrong"),
        "kafka.username and kafka.password",
        "refuse the login of asset-svc");
  }

  @Test
  void wrongCaOfKafkaEndsTheStart() {
    assertStartRefused(
        Map.of(Setting.KAFKA_CA, strangers()), "kafka.bootstrap", "of no CA in kafka.ca");
  }

  @Test
  void expiredCertificateOfOnesOwnEndsTheStart() {
    TlsFiles expired = new DevCa(folder.resolve("expired"), "late").issueExpired("asset-svc");
    assertStartRefused(
        Map.of(
            Setting.TLS_CERTIFICATE, expired.certificate().toString(),
            Setting.TLS_KEY, expired.key().toString()),
        "tls.certificate",
        "expired at",
        "renew it");
  }

  @Test
  void roleWithoutRightsEndsTheStart() throws Exception {
    PostgresRoles.query(
        locks.vertx,
        locks.servers.postgres().uri(),
        "create role nobody login password 'nobody-pw'");

    assertStartRefused(
        Map.of(
            Setting.POSTGRES_URI,
            locks.servers.postgres().uri("nobody", "nobody-pw"),
            Setting.POSTGRES_OWNER_URI,
            ""),
        "postgres.uri",
        "the role lacks a right",
        "postgres.owner.uri");
  }

  /** The service stays up, as with every ledger that needs a person, and says what to do. */
  @ParameterizedTest
  @CsvSource({
    "password, refuses the login (WRONGPASS",
    "ca, of no CA in cacert",
    "rights, the user lacks a right (NOPERM",
  })
  void whoMayNotUseTheLedgerIsNotReadyAndSaysWhy(String what, String sentence) throws Exception {
    Map<Setting, String> settings = exchange.settingsOf("settle-svc");
    settings.put(
        Setting.REDIS_URI,
        switch (what) {
          case "password" -> locks.servers.redis().uri(RedisUsers.LEDGER, "wrong");
          case "ca" -> locks.redisUri(RedisUsers.LEDGER).replace(ours(), strangers());
          default -> locks.redisUri(RedisUsers.LIMITS);
        });
    Vertx own = Vertx.vertx();
    try {
      ServiceVerticle service = new SettleVerticle(ServiceConfig.of(0, settings));
      own.deployVerticle(service)
          .toCompletionStage()
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);

      assertThat(service.waitsFor().get("ledger")).contains("redis.uri").contains(sentence);
    } finally {
      own.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
  }

  private static void assertStartRefused(Map<Setting, String> wrong, String... words) {
    Map<Setting, String> settings = exchange.settingsOf("asset-svc");
    settings.putAll(wrong);
    Vertx own = Vertx.vertx();
    try {
      assertThatThrownBy(() ->
              own.deployVerticle(new AssetVerticle(ServiceConfig.of(0, settings)))
                  .toCompletionStage()
                  .toCompletableFuture()
                  .get(60, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(StartRefusedException.class)
          .message()
          .contains(List.of(words))
          .doesNotContain("\n");
    } finally {
      own.close().toCompletionStage().toCompletableFuture().join();
    }
  }

  private static String ours() {
    return locks.ca.file().toString();
  }

  private static String strangers() {
    return new DevCa(folder.resolve("strangers"), "strangers").file().toString();
  }
}
