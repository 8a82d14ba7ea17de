package dev.sagax.platform.log;

import dev.sagax.platform.tls.TlsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * How the brokers know us, and how we know them. Files are PEM.
 *
 * @param protocol PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
 * @param mechanism of SASL: SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN
 * @param username "" without SASL
 * @param password "" without SASL
 * @param ca the CA of the brokers' certificates; "" for those that Java believes
 * @param certificate to show to the brokers, with its chain; "" for none
 * @param key of that certificate, in PKCS#8; "" for none
 */
public record KafkaAccess(
    String protocol,
    String mechanism,
    String username,
    String password,
    String ca,
    String certificate,
    String key) {
  private static final Set<String> PROTOCOLS =
      Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");
  private static final Set<String> MECHANISMS = Set.of("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN");
  private static final String PEM = "PEM";

  /** Neither TLS nor a login. */
  public static final KafkaAccess OPEN = new KafkaAccess("PLAINTEXT", "", "", "", "", "", "");

  public KafkaAccess {
    require(PROTOCOLS.contains(protocol), "kafka.security.protocol", PROTOCOLS.toString());
    if (protocol.startsWith("SASL")) {
      require(MECHANISMS.contains(mechanism), "kafka.sasl.mechanism", MECHANISMS.toString());
      require(!username.isEmpty(), "kafka.username", "the user to log in as");
      require(!password.isEmpty(), "kafka.password", "that user's password");
    }
    require(
        certificate.isEmpty() == key.isEmpty(), "kafka.key", "set exactly if kafka.certificate is");
  }

  private static void require(boolean right, String setting, String expected) {
    if (!right) {
      throw new IllegalArgumentException(
          "Expected %s (SAGAX_%s) to be %s."
              .formatted(
                  setting, setting.toUpperCase(java.util.Locale.ROOT).replace('.', '_'), expected));
    }
  }

  boolean isSecured() {
    return protocol.endsWith("SSL");
  }

  /**
   * Adds what a client needs. Reads the files.
   *
   * @throws TlsException if one cannot be read
   */
  void addTo(Properties client) {
    client.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol);
    if (protocol.startsWith("SASL")) {
      client.put(SaslConfigs.SASL_MECHANISM, mechanism);
      client.put(SaslConfigs.SASL_JAAS_CONFIG, login());
    }
    if (isSecured() && !ca.isEmpty()) {
      client.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, PEM);
      client.put(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, read("kafka.ca", ca));
    }
    if (isSecured() && !certificate.isEmpty()) {
      client.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, PEM);
      client.put(
          SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, read("kafka.certificate", certificate));
      client.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, read("kafka.key", key));
    }
  }

  private String login() {
    String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
    return "org.apache.kafka.common.security.%s required username=\"%s\" password=\"%s\";"
        .formatted(module, escaped(username), escaped(password));
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static String read(String setting, String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new TlsException("%s: the file %s cannot be read (%s).".formatted(setting, file, e), e);
    }
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "%s %s %s".formatted(protocol, mechanism, username).strip();
  }
}
