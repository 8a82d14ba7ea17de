package dev.sagax.local.locks;

import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.log.KafkaSettings;
import dev.sagax.platform.log.TopicAdmin;
import dev.sagax.platform.tls.TlsFiles;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Kafka, Redis and PostgreSQL that speak TLS and know each service by a name of its own, which may
 * do what that service must and nothing else; and a certificate for each service.
 */
public final class Locks implements AutoCloseable {
  public static final List<String> SERVICES =
      List.of("order-svc", "match-svc", "settle-svc", "asset-svc");

  public final DevCa ca;
  public final Infrastructure servers;
  public final Vertx vertx = Vertx.vertx();
  private final Path folder;

  /** Starts the servers, and makes users, roles and topics as an operator does. */
  public Locks(Path folder) throws Exception {
    this.folder = folder;
    this.ca = new DevCa(folder.resolve("certificates"), "sagax");
    this.servers =
        Infrastructure.startLocked(
            folder.resolve("servers"),
            ca.issue("servers"),
            RedisUsers.write(folder.resolve("users.acl")),
            line -> {});
    try {
      KafkaUsers.make(servers.kafkaBootstrap());
      new TopicAdmin(new KafkaSettings(servers.kafkaBootstrap()), 4, (short) 1).ensureTopics();
      PostgresRoles.make(vertx, servers.postgres());
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  public String redisUri(String user) {
    return servers.redis().uri(user, RedisUsers.password(user));
  }

  public String postgresUri(String role) {
    return servers.postgres().uri(role, PostgresRoles.password(role));
  }

  /** Everything that a service needs to come in everywhere. */
  public Map<Setting, String> settingsOf(String service, Path marketsFile) {
    TlsFiles own = ca.issue(service);
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.GRPC_HOST, "127.0.0.1");
    settings.put(Setting.GRPC_PORT, "0");
    settings.put(Setting.MARKETS_FILE, marketsFile.toString());
    settings.put(Setting.AUTH_KEY_FILE, folder.resolve("key.pem").toString());
    settings.put(Setting.TOPICS_PARTITIONS, "4");
    settings.put(Setting.TOPICS_REPLICATION, "1");
    settings.put(Setting.TOPICS_ALLOW_UNREPLICATED, "true");
    settings.put(Setting.TLS_CERTIFICATE, own.certificate().toString());
    settings.put(Setting.TLS_KEY, own.key().toString());
    settings.put(Setting.TLS_CA, own.ca().toString());
    settings.put(Setting.KAFKA_BOOTSTRAP, servers.kafka().lockedBootstrap());
    settings.put(Setting.KAFKA_SECURITY_PROTOCOL, "SASL_SSL");
    settings.put(Setting.KAFKA_USERNAME, service);
    settings.put(Setting.KAFKA_PASSWORD, KafkaUsers.password(service));
    settings.put(Setting.KAFKA_CA, ca.file().toString());
    settings.put(Setting.KAFKA_CERTIFICATE, own.certificate().toString());
    settings.put(Setting.KAFKA_KEY, own.key().toString());
    settings.put(Setting.POSTGRES_URI, postgresUri(service));
    settings.put(Setting.POSTGRES_OWNER_URI, postgresUri(PostgresRoles.OWNER));
    settings.put(Setting.REDIS_URI, redisUri(RedisUsers.LEDGER));
    settings.put(Setting.RATELIMIT_REDIS_URI, redisUri(RedisUsers.LIMITS));
    return settings;
  }

  /** The key that signs tokens. */
  public Path keyFile() {
    return folder.resolve("key.pem");
  }

  @Override
  public void close() {
    vertx.close().toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    servers.close();
  }
}
