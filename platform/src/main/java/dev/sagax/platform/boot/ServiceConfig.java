package dev.sagax.platform.boot;

import dev.sagax.platform.fault.PlannedFault;
import dev.sagax.platform.rpc.EdgeSettings;
import dev.sagax.platform.rpc.PeerAddress;
import dev.sagax.platform.rpc.RateLimit;
import dev.sagax.proto.auth.v1.MethodClass;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The settings of one service process: environment over file over default.
 *
 * @param grpcPort 0 for any free port
 * @param ledgerAddresses where the replicas of settle-svc listen; at least one
 * @param keyFile the RSA key that signs tokens; made on first start where it is missing
 * @param partitions partitions of every topic of the saga
 * @param replication replication factor of topics that are created
 * @param deadLettersPerMinute how many records of a partition may be put aside within a minute, 1
 *     at least before the partition stops
 * @param faults faults that are to be made on purpose, for tests of what becomes of them
 * @param faultsLog the file that gets a line for every fault before it is made; "" for none
 * @param instanceId a stable name of this process among the replicas of its service; empty for none
 * @param matchAddresses where the replicas of match-svc listen; at least one
 * @param maxOpenOrders how many open orders an account may have in a market
 * @param auditSeconds between two passes of the ledger's audit; 0 for none
 * @param metricsPort answers GET /metrics; 0 for none
 * @param faultsFile a file with more faults, read again whenever it changes; "" for none
 * @param jwks a file or URL with the keys of the issuer that is trusted beside the exchange; "" for
 *     none
 * @param issuer the claim {@code iss} of its tokens
 * @param audience what the claim {@code aud} of its tokens names
 * @param ratelimitRedisUri the Redis that counts calls; "" for the ledger's
 * @param logFormat how the log is written
 * @param migrationsRun whether a start brings the schema to the version of this build, or only asks
 *     for it
 * @param edge how the gRPC edge is set
 * @param security how the parts of the exchange know each other
 */
public record ServiceConfig(
    String kafkaBootstrap,
    String postgresUri,
    String redisUri,
    String grpcHost,
    int grpcPort,
    List<PeerAddress> ledgerAddresses,
    Path marketsFile,
    Path keyFile,
    int partitions,
    short replication,
    int deadLettersPerMinute,
    List<PlannedFault> faults,
    String faultsLog,
    String instanceId,
    List<PeerAddress> matchAddresses,
    int auditSeconds,
    int maxOpenOrders,
    int metricsPort,
    String faultsFile,
    String jwks,
    String issuer,
    String audience,
    String ratelimitRedisUri,
    LogFormat logFormat,
    boolean migrationsRun,
    EdgeSettings edge,
    Security security) {
  private static final String MASK = "****";
  private static final String SECRET_NAME = "[^&?=]*(?:pass|pwd|secret|token)[^&?=]*=";
  private static final Pattern SECRET =
      Pattern.compile("((?:^|[?&])" + SECRET_NAME + ")[^&]*", Pattern.CASE_INSENSITIVE);
  private static final Pattern INSTANCE_NAME = Pattern.compile("[A-Za-z0-9._-]{0,100}");
  private static final Pattern OPEN_SECRET =
      Pattern.compile(SECRET_NAME + "[^&]*$", Pattern.CASE_INSENSITIVE);

  /**
   * Every setting there is; its environment variable is SAGAX_ and the name in capitals with _ for
   * the dots.
   */
  public enum Setting {
    KAFKA_BOOTSTRAP("127.0.0.1:9092", "host:port of the brokers, separated by commas"),
    POSTGRES_URI("postgresql://sagax@127.0.0.1:5432/sagax", "where PostgreSQL is"),
    REDIS_URI(
        "redis://127.0.0.1:6379",
        "where the ledger's Redis is; the other services count calls in it"),
    GRPC_HOST("127.0.0.1", "the address to listen on"),
    GRPC_PORT("", "the port to listen on; 9101 to 9104 by service when not set"),
    LEDGER_ADDRESS(
        "127.0.0.1:9103", "host:port of settle-svc; of each replica, separated by commas"),
    MARKETS_FILE("markets.yaml", "assets and markets, the same file for all services"),
    AUTH_KEY_FILE("dev-key.pem", "RSA key that signs and checks tokens"),
    TOPICS_PARTITIONS(
        "4", "partitions of every topic; may be raised for new markets, never lowered"),
    TOPICS_REPLICATION("3", "replicas of every topic that is created"),
    TOPICS_ALLOW_UNREPLICATED("false", "true accepts fewer than 3 replicas; for one machine only"),
    DEAD_LETTERS_PER_MINUTE("100", "dead letters of a partition within a minute before it stops"),
    FAULTS("", "faults to make on purpose, once: POINT=kill|throw|pause:MILLIS[@N], ..."),
    FAULTS_LOG("", "a file that gets a line for every fault before it is made"),
    INSTANCE_ID("", "a stable name of this process among the replicas, like order-svc-0"),
    MATCH_ADDRESS(
        "127.0.0.1:9102",
        "host:port of every replica of match-svc, separated by commas (order-svc only, for sagas)"),
    AUDIT_SECONDS("5", "seconds between two passes of the ledger's audit (settle-svc); 0: none"),
    MAX_OPEN_ORDERS(
        "10000", "open orders that an account may have in a market at most (order-svc)"),
    METRICS_PORT("0", "the port that answers GET /metrics for Prometheus; 0: none"),
    FAULTS_FILE("", "a file with faults, read again whenever it changes; they replace all others"),
    AUTH_JWKS("", "file or URL with the keys (JWKS) of whoever else issues tokens; empty: nobody"),
    AUTH_ISSUER("", "the issuer (iss) of those tokens; needed with auth.jwks"),
    AUTH_AUDIENCE("sagax", "the audience (aud) that those tokens must name"),
    GRPC_REFLECTION("true", "false: clients are not told what there is to call"),
    RATELIMIT_LIMITS(
        "place=100/500,cancel=200/1000,read=50/250,transfer=5/50,watch=5/100,operate=100/1000",
        "calls of an account, CLASS=PER_SECOND/BURST separated by commas, or off"),
    RATELIMIT_REDIS_URI("", "the Redis that counts calls; redis.uri when not set"),
    MIGRATIONS_RUN("true", "false: MigrateMain makes the tables, a service only asks for them"),
    CORS_ORIGINS("", "origins whose pages may call from a browser, separated by commas; * for all"),
    LOG_FORMAT("auto", "json, text, or auto: text on a terminal, JSON elsewhere"),
    TLS_CERTIFICATE(
        "",
        "PEM file with this service's certificate and its chain: the gRPC port speaks TLS alone, and other services are called by TLS; empty: neither"),
    TLS_KEY("", "PEM file with the key of that certificate (PKCS#8)"),
    TLS_CA("", "PEM file with the CAs whose certificates the other services must have"),
    HEALTH_PORT(
        "0",
        "a second port that answers about health alone, without TLS, for Kubernetes' probes; 0: none"),
    KAFKA_SECURITY_PROTOCOL("PLAINTEXT", "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
    KAFKA_SASL_MECHANISM("SCRAM-SHA-512", "SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"),
    KAFKA_USERNAME("", "the user to log in to Kafka as"),
    KAFKA_PASSWORD("", "that user's password"),
    KAFKA_CA(
        "", "PEM file with the CA of the brokers' certificates; empty: those that Java believes"),
    KAFKA_CERTIFICATE("", "PEM file with a certificate to show to the brokers; empty: none"),
    KAFKA_KEY("", "PEM file with the key of that certificate (PKCS#8)"),
    POSTGRES_OWNER_URI(
        "",
        "PostgreSQL as the owner of the tables, who makes them and grants postgres.uri's user its rights; empty: that user is the owner, or somebody has made them");

    private final String defaultValue;
    private final String meaning;

    Setting(String defaultValue, String meaning) {
      this.defaultValue = defaultValue;
      this.meaning = meaning;
    }

    /** "kafka.bootstrap" */
    public String key() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '.');
    }

    /**
     * @throws IllegalArgumentException if there is no such setting
     */
    public static Setting ofKey(String key) {
      for (Setting setting : values()) {
        if (setting.key().equals(key)) {
          return setting;
        }
      }
      throw new IllegalArgumentException("There is no setting \"%s\".".formatted(key));
    }

    /** "SAGAX_KAFKA_BOOTSTRAP" */
    public String variable() {
      return "SAGAX_" + name();
    }

    public String meaning() {
      return meaning;
    }

    /** What counts when it is not set; "" for nothing. */
    public String defaultValue() {
      return defaultValue;
    }
  }

  /**
   * @param file a properties file with the keys of {@link Setting}; null for none
   * @throws IllegalArgumentException with a sentence that names the setting and what is wrong with
   *     it
   */
  public static ServiceConfig load(int defaultPort, Map<String, String> environment, Path file) {
    Properties properties = read(file);
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String fromFile = properties.getProperty(setting.key(), setting.defaultValue);
      values.put(setting, environment.getOrDefault(setting.variable(), fromFile).strip());
    }
    return of(defaultPort, values);
  }

  /**
   * @param given what is not given has its default
   * @throws IllegalArgumentException with a sentence that names the setting and what is wrong with
   *     it
   */
  public static ServiceConfig of(int defaultPort, Map<Setting, String> given) {
    Map<Setting, String> values = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      values.put(setting, given.getOrDefault(setting, setting.defaultValue));
    }
    String port = values.get(Setting.GRPC_PORT);
    ServiceConfig config =
        new ServiceConfig(
            values.get(Setting.KAFKA_BOOTSTRAP),
            values.get(Setting.POSTGRES_URI),
            values.get(Setting.REDIS_URI),
            values.get(Setting.GRPC_HOST),
            port.isEmpty() ? defaultPort : number(Setting.GRPC_PORT, port, 0, 65_535),
            addresses(Setting.LEDGER_ADDRESS, values.get(Setting.LEDGER_ADDRESS)),
            Path.of(values.get(Setting.MARKETS_FILE)),
            Path.of(values.get(Setting.AUTH_KEY_FILE)),
            number(Setting.TOPICS_PARTITIONS, values.get(Setting.TOPICS_PARTITIONS), 1, 1_000),
            (short)
                number(Setting.TOPICS_REPLICATION, values.get(Setting.TOPICS_REPLICATION), 1, 9),
            number(
                Setting.DEAD_LETTERS_PER_MINUTE,
                values.get(Setting.DEAD_LETTERS_PER_MINUTE),
                1,
                1_000_000),
            faults(values.get(Setting.FAULTS)),
            values.get(Setting.FAULTS_LOG),
            instanceId(values.get(Setting.INSTANCE_ID)),
            addresses(Setting.MATCH_ADDRESS, values.get(Setting.MATCH_ADDRESS)),
            number(Setting.AUDIT_SECONDS, values.get(Setting.AUDIT_SECONDS), 0, 3_600),
            number(Setting.MAX_OPEN_ORDERS, values.get(Setting.MAX_OPEN_ORDERS), 1, 10_000),
            number(Setting.METRICS_PORT, values.get(Setting.METRICS_PORT), 0, 65_535),
            values.get(Setting.FAULTS_FILE),
            values.get(Setting.AUTH_JWKS),
            values.get(Setting.AUTH_ISSUER),
            values.get(Setting.AUTH_AUDIENCE),
            values.get(Setting.RATELIMIT_REDIS_URI),
            logFormat(values.get(Setting.LOG_FORMAT)),
            flag(Setting.MIGRATIONS_RUN, values.get(Setting.MIGRATIONS_RUN)),
            edge(values),
            Security.of(values));
    if (!config.jwks.isEmpty() && (config.issuer.isEmpty() || config.audience.isEmpty())) {
      throw new IllegalArgumentException(
          "auth.jwks is set, so auth.issuer and auth.audience must be too: a key alone does not say whose tokens to believe, nor which of them are meant for this exchange.");
    }
    boolean allowed = Boolean.parseBoolean(values.get(Setting.TOPICS_ALLOW_UNREPLICATED));
    if (config.replication < 3 && !allowed) {
      throw new IllegalArgumentException(
          "topics.replication is %d: money needs at least 3 replicas. To run on one machine all the same, set %s=true."
              .formatted(config.replication, Setting.TOPICS_ALLOW_UNREPLICATED.variable()));
    }
    return config;
  }

  private static LogFormat logFormat(String text) {
    return LogFormat.of(text)
        .orElseThrow(() -> wrong(Setting.LOG_FORMAT, "auto, json or text", text));
  }

  private static EdgeSettings edge(Map<Setting, String> values) {
    return new EdgeSettings(
        flag(Setting.GRPC_REFLECTION, values.get(Setting.GRPC_REFLECTION)),
        limits(values.get(Setting.RATELIMIT_LIMITS)),
        words(values.get(Setting.CORS_ORIGINS)),
        EdgeSettings.Bounds.DEFAULT);
  }

  private static Map<MethodClass, RateLimit> limits(String text) {
    try {
      return RateLimit.parseAll(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s (%s): %s"
              .formatted(
                  Setting.RATELIMIT_LIMITS.key(),
                  Setting.RATELIMIT_LIMITS.variable(),
                  e.getMessage()),
          e);
    }
  }

  private static Set<String> words(String text) {
    return Arrays.stream(text.split(","))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .collect(Collectors.toUnmodifiableSet());
  }

  private static List<PlannedFault> faults(String text) {
    try {
      return PlannedFault.parseAll(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "%s (%s): %s".formatted(Setting.FAULTS.key(), Setting.FAULTS.variable(), e.getMessage()),
          e);
    }
  }

  private static Properties read(Path file) {
    Properties properties = new Properties();
    if (file == null) {
      return properties;
    }
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read the configuration " + file + ": " + e, e);
    }
    var known = Arrays.stream(Setting.values()).map(Setting::key).collect(Collectors.toSet());
    for (String key : properties.stringPropertyNames()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "%s: there is no setting %s; there are %s."
                .formatted(file, key, known.stream().sorted().collect(Collectors.joining(", "))));
      }
    }
    return properties;
  }

  private static List<PeerAddress> addresses(Setting setting, String text) {
    try {
      return PeerAddress.list(text);
    } catch (IllegalArgumentException e) {
      throw wrong(setting, "host:port, or several separated by commas", text);
    }
  }

  private static String instanceId(String text) {
    if (!INSTANCE_NAME.matcher(text).matches()) {
      throw wrong(Setting.INSTANCE_ID, "empty or 1 to 100 characters of A-Z a-z 0-9 . _ -", text);
    }
    return text;
  }

  static int number(Setting setting, String text, int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      throw wrong(setting, "a number", text);
    }
    throw wrong(setting, "a number from %d to %d".formatted(least, most), text);
  }

  private static boolean flag(Setting setting, String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw wrong(setting, "true or false", text);
    }
    return text.equals("true");
  }

  private static IllegalArgumentException wrong(Setting setting, String expected, String got) {
    return new IllegalArgumentException(
        "Expected %s (%s) to be %s, but got \"%s\"."
            .formatted(setting.key(), setting.variable(), expected, got));
  }

  /** This configuration as it may be logged: passwords in addresses are masked. */
  public Map<String, String> masked() {
    Map<String, String> shown = new java.util.LinkedHashMap<>();
    shown.put("kafka.bootstrap", kafkaBootstrap);
    shown.put("postgres.uri", mask(postgresUri));
    shown.put("redis.uri", mask(redisUri));
    shown.put("grpc", grpcHost + ":" + grpcPort);
    shown.put(
        "ledger.address",
        ledgerAddresses.stream().map(PeerAddress::toString).collect(Collectors.joining(",")));
    shown.put("markets.file", marketsFile.toString());
    shown.put("auth.key.file", keyFile.toString());
    shown.put("topics.partitions", Integer.toString(partitions));
    shown.put("topics.replication", Short.toString(replication));
    shown.put("dead.letters.per.minute", Integer.toString(deadLettersPerMinute));
    shown.put("faults", faults.stream().map(Object::toString).collect(Collectors.joining(",")));
    shown.put("faults.log", faultsLog);
    shown.put("instance.id", instanceId);
    shown.put(
        "match.address",
        matchAddresses.stream().map(PeerAddress::toString).collect(Collectors.joining(",")));
    shown.put("audit.seconds", Integer.toString(auditSeconds));
    shown.put("max.open.orders", Integer.toString(maxOpenOrders));
    shown.put("metrics.port", Integer.toString(metricsPort));
    shown.put("faults.file", faultsFile);
    shown.put("auth.jwks", mask(jwks));
    shown.put("auth.issuer", issuer);
    shown.put("auth.audience", audience);
    shown.put("ratelimit.redis.uri", mask(ratelimitRedisUri));
    shown.put("log.format", logFormat.word());
    shown.put("migrations.run", Boolean.toString(migrationsRun));
    shown.put("ratelimit.limits", edge.limits().toString());
    shown.put("cors.origins", String.join(",", edge.origins()));
    shown.put("grpc.reflection", Boolean.toString(edge.reflection()));
    shown.putAll(security.masked());
    return shown;
  }

  /**
   * A URI without its secrets. Works on the text, because one that is malformed, or whose password
   * has characters that it should have escaped, is shown too: all between the user and the last @
   * goes, then the value of every parameter that is named like a secret.
   */
  static String mask(String uri) {
    int scheme = uri.indexOf("://");
    int start = scheme < 0 ? 0 : scheme + "://".length();
    int at = uri.lastIndexOf('@');
    String head = at < start ? "" : uri.substring(start, at);
    String tail = at < start ? uri.substring(start) : uri.substring(at + 1);
    if (OPEN_SECRET.matcher(head).find()) { // the @ may have been a part of the value
      tail = tail.replaceFirst("[^&]*", MASK);
    }
    String user = head.split("[:/?#]", 2)[0];
    String shownUser = at < start ? "" : user + (user.equals(head) ? "@" : ":" + MASK + "@");
    return uri.substring(0, start) + shownUser + SECRET.matcher(tail).replaceAll("$1" + MASK);
  }
}
