package dev.sagax.platform.tls;

import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import io.vertx.redis.client.RedisOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where a store is and how to speak with it, all in one URI, also which CA must have issued its
 * certificate:
 *
 * <pre>
 * postgresql://user:password@host:5432/sagax?sslmode=verify-full&amp;sslrootcert=/etc/sagax/ca.crt
 * rediss://user:password@host:6379?cacert=/etc/sagax/ca.crt
 * </pre>
 *
 * The first is how libpq and so psql spell it, the second has the word of redis-cli.
 */
public final class StoreAddress {
  private static final String ROOT = "sslrootcert";
  private static final String CA = "cacert";
  private static final String SECURED = "rediss://";
  private static final String NAMES = "HTTPS";

  private StoreAddress() {}

  /**
   * @throws TlsException if the certificate is to be verified and the URI does not say against
   *     which CA, or that CA's file is not there
   */
  public static PgConnectOptions postgres(String uri) {
    PgConnectOptions options = PgConnectOptions.fromUri(without(ROOT, uri));
    SslMode mode = options.getSslMode();
    return switch (mode) {
      case DISABLE -> options;
      case ALLOW, PREFER, REQUIRE ->
          options.setSslOptions(new ClientSSLOptions().setTrustAll(true));
      case VERIFY_CA, VERIFY_FULL ->
          options.setSslOptions(believing(rootOf(uri), mode == SslMode.VERIFY_FULL));
    };
  }

  /** The file with the CA of PostgreSQL's certificate. */
  public static String rootOf(String uri) {
    return requireFile("postgres.uri", ROOT, parameter(ROOT, uri));
  }

  private static ClientSSLOptions believing(String ca, boolean checkName) {
    return new ClientSSLOptions()
        .setTrustOptions(new PemTrustOptions().addCertPath(ca))
        .setHostnameVerificationAlgorithm(checkName ? NAMES : "");
  }

  /** As {@link #postgres}; one connection, no negotiation of a protocol. */
  public static RedisOptions redis(String uri) {
    RedisOptions options =
        new RedisOptions()
            .setConnectionString(without(CA, uri))
            .setProtocolNegotiation(false)
            .setMaxPoolSize(1);
    if (!uri.startsWith(SECURED)) {
      return options;
    }
    String ca = requireFile("redis.uri", CA, parameter(CA, uri));
    NetClientOptions net = new NetClientOptions(options.getNetClientOptions());
    net.setSsl(true)
        .setTrustOptions(new PemTrustOptions().addCertPath(ca))
        .setHostnameVerificationAlgorithm(NAMES);
    return options.setNetClientOptions(net);
  }

  private static String requireFile(String setting, String parameter, String file) {
    if (file == null || file.isEmpty()) {
      throw new TlsException(
          "%s asks for a verified certificate, but does not say of which CA: add %s=FILE to it."
              .formatted(setting, parameter));
    }
    if (!Files.isReadable(Path.of(file))) {
      throw new TlsException(
          "%s: the file %s, which its %s names, cannot be read."
              .formatted(setting, file, parameter));
    }
    return file;
  }

  private static String parameter(String name, String uri) {
    int query = uri.indexOf('?');
    return query < 0
        ? null
        : Arrays.stream(uri.substring(query + 1).split("&"))
            .filter(named(name))
            .map(word -> word.substring(name.length() + 1))
            .findFirst()
            .orElse(null);
  }

  private static String without(String name, String uri) {
    int query = uri.indexOf('?');
    if (query < 0) {
      return uri;
    }
    String rest =
        Arrays.stream(uri.substring(query + 1).split("&"))
            .filter(named(name).negate())
            .collect(Collectors.joining("&"));
    return uri.substring(0, query) + (rest.isEmpty() ? "" : "?" + rest);
  }

  private static Predicate<String> named(String name) {
    return word -> word.startsWith(name + "=");
  }
}
