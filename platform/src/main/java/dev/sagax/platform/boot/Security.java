package dev.sagax.platform.boot;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.log.KafkaAccess;
import dev.sagax.platform.tls.TlsFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How the parts of the exchange know each other. What the stores need is in their URIs.
 *
 * @param tls of the gRPC port and of the calls to other services; empty: both are plain
 * @param healthPort answers about health alone, without TLS; 0 for none
 * @param kafka how to log in to the brokers
 * @param ownerUri PostgreSQL as the owner of the tables, who makes them; "" if this service is that
 */
public record Security(Optional<TlsFiles> tls, int healthPort, KafkaAccess kafka, String ownerUri) {

  /**
   * @throws IllegalArgumentException with a sentence that names the setting and what is wrong with
   *     it
   */
  static Security of(Map<Setting, String> values) {
    return new Security(
        tls(values),
        ServiceConfig.number(Setting.HEALTH_PORT, values.get(Setting.HEALTH_PORT), 0, 65_535),
        new KafkaAccess(
            values.get(Setting.KAFKA_SECURITY_PROTOCOL),
            values.get(Setting.KAFKA_SASL_MECHANISM),
            values.get(Setting.KAFKA_USERNAME),
            values.get(Setting.KAFKA_PASSWORD),
            values.get(Setting.KAFKA_CA),
            values.get(Setting.KAFKA_CERTIFICATE),
            values.get(Setting.KAFKA_KEY)),
        values.get(Setting.POSTGRES_OWNER_URI));
  }

  private static Optional<TlsFiles> tls(Map<Setting, String> values) {
    String certificate = values.get(Setting.TLS_CERTIFICATE);
    String key = values.get(Setting.TLS_KEY);
    String ca = values.get(Setting.TLS_CA);
    if (certificate.isEmpty() && key.isEmpty() && ca.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty() || key.isEmpty() || ca.isEmpty()) {
      throw new IllegalArgumentException(
          "tls.certificate, tls.key and tls.ca belong together: set all three (SAGAX_TLS_CERTIFICATE, SAGAX_TLS_KEY, SAGAX_TLS_CA), or none for no TLS.");
    }
    return Optional.of(new TlsFiles(Path.of(certificate), Path.of(key), Path.of(ca)));
  }

  /** As it may be logged. */
  Map<String, String> masked() {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("tls.certificate", tls.map(files -> files.certificate().toString()).orElse(""));
    shown.put("tls.key", tls.map(files -> files.key().toString()).orElse(""));
    shown.put("tls.ca", tls.map(files -> files.ca().toString()).orElse(""));
    shown.put("health.port", Integer.toString(healthPort));
    shown.put("kafka.security.protocol", kafka.protocol());
    shown.put("kafka.sasl.mechanism", kafka.mechanism());
    shown.put("kafka.username", kafka.username());
    shown.put("kafka.password", kafka.password().isEmpty() ? "" : "****");
    shown.put("kafka.ca", kafka.ca());
    shown.put("kafka.certificate", kafka.certificate());
    shown.put("kafka.key", kafka.key());
    shown.put("postgres.owner.uri", ServiceConfig.mask(ownerUri));
    return shown;
  }
}
