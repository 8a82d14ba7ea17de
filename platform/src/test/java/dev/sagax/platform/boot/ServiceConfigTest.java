package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceConfigTest {
  @TempDir Path directory;

  @Test
  void environmentGoesOverFileOverDefault() throws IOException {
    Path file = directory.resolve("sagax.properties");
    Files.writeString(file, "kafka.bootstrap=file:1\nredis.uri=redis://file\n");

    ServiceConfig config = ServiceConfig.load(9101, Map.of("SAGAX_KAFKA_BOOTSTRAP", "env:1"), file);

    assertThat(config.kafkaBootstrap()).isEqualTo("env:1");
    assertThat(config.redisUri()).isEqualTo("redis://file");
    assertThat(config.grpcPort()).isEqualTo(9101);
    assertThat(config.partitions()).isEqualTo(4);
  }

  @Test
  void fewReplicasAreRefusedUnlessAllowed() {
    assertThatThrownBy(() -> ServiceConfig.load(1, Map.of("SAGAX_TOPICS_REPLICATION", "1"), null))
        .hasMessageContaining("SAGAX_TOPICS_ALLOW_UNREPLICATED");

    ServiceConfig allowed =
        ServiceConfig.load(
            1,
            Map.of("SAGAX_TOPICS_REPLICATION", "1", "SAGAX_TOPICS_ALLOW_UNREPLICATED", "true"),
            null);

    assertThat(allowed.replication()).isEqualTo((short) 1);
  }

  @ParameterizedTest
  @CsvSource({
    "SAGAX_GRPC_PORT, x, grpc.port",
    "SAGAX_GRPC_PORT, 65536, grpc.port",
    "SAGAX_LEDGER_ADDRESS, localhost, ledger.address",
    "SAGAX_MATCH_ADDRESS, localhost, match.address",
    "SAGAX_LEDGER_ADDRESS, 'a:1,b', ledger.address",
    "SAGAX_LEDGER_ADDRESS, 'a:1,', ledger.address",
    "SAGAX_LEDGER_ADDRESS, a:65536, ledger.address",
    "SAGAX_INSTANCE_ID, order svc, instance.id",
    "SAGAX_TOPICS_PARTITIONS, 0, topics.partitions",
  })
  void aWrongValueIsNamed(String variable, String value, String key) {
    assertThatThrownBy(() -> ServiceConfig.load(1, Map.of(variable, value), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(value);
  }

  @ParameterizedTest
  @CsvSource({
    "SAGAX_KAFKA_SECURITY_PROTOCOL, TLS, kafka.security.protocol",
    "SAGAX_KAFKA_SECURITY_PROTOCOL, SASL_SSL, kafka.username",
    "SAGAX_KAFKA_CERTIFICATE, a.pem, kafka.key",
    "SAGAX_TLS_CERTIFICATE, a.pem, tls.key",
    "SAGAX_TLS_CA, a.pem, tls.certificate",
    "SAGAX_HEALTH_PORT, x, health.port",
  })
  void whatBelongsTogetherIsAskedFor(String variable, String value, String missing) {
    assertThatThrownBy(() -> ServiceConfig.load(1, Map.of(variable, value), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(missing);
  }

  @Test
  void anUnknownKeyInTheFileIsRefused() throws IOException {
    Path file = directory.resolve("sagax.properties");
    Files.writeString(file, "kafka.bootstrp=x\n");

    assertThatThrownBy(() -> ServiceConfig.load(1, Map.of(), file))
        .hasMessageContaining("kafka.bootstrp");
  }

  @Test
  void passwordsAreMasked() {
    ServiceConfig config =
        ServiceConfig.load(
            1,
            Map.of(
                "SAGAX_POSTGRES_URI", "postgresql://sagax:s3cret@db:5432/sagax",
                "SAGAX_REDIS_URI", "redis://:s3cret@redis:6379",
                "SAGAX_POSTGRES_OWNER_URI", "postgresql://owner:s3cret@db:5432/sagax",
                "SAGAX_KAFKA_SECURITY_PROTOCOL", "SASL_SSL",
                "SAGAX_KAFKA_USERNAME", "order-svc",
                "SAGAX_KAFKA_PASSWORD", "s3cret"),
            null);

    assertThat(config.masked().toString()).doesNotContain("s3cret").contains("db:5432");
    assertThat(config.security().kafka().toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "postgresql://sagax@db:5432/sagax, postgresql://sagax@db:5432/sagax",
    "redis://redis:6379, redis://redis:6379",
    "redis://:s3:cr/et@redis:6379, redis://:****@redis:6379",
    "postgresql://sagax:a:s3cret@db:5432/sagax, postgresql://sagax:****@db:5432/sagax",
    "postgresql://sagax:a/s3cret@db/sagax, postgresql://sagax:****@db/sagax",
    "postgresql://sagax:a@s3cret@db/sagax, postgresql://sagax:****@db/sagax",
    "postgresql://sagax:a?b#s3cret@db/sagax, postgresql://sagax:****@db/sagax",
    "postgresql://db/sagax?user=u&password=s3cret, postgresql://db/sagax?user=u&password=****",
    "postgresql://db/sagax?sslPassword=s3c:r/et, postgresql://db/sagax?sslPassword=****",
    "sagax:s3cret@db, sagax:****@db",
  })
  void secretIsMaskedWhateverItIsMadeOf(String uri, String shown) {
    assertThat(ServiceConfig.mask(uri)).isEqualTo(shown);
  }

  @Test
  void secretThatHoldsAnAtSignIsMaskedToItsEnd() {
    assertThat(ServiceConfig.mask("postgresql://db:5432/sagax?password=a@s3cret&x=y"))
        .doesNotContain("s3cret")
        .endsWith("&x=y");
  }
}
