package dev.sagax.local;

import dev.sagax.local.infra.Infrastructure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where a running exchange listens, as other processes read it from its data directory.
 *
 * @param replicas the ports of the first replica of each service, then of the second, and so on
 * @param kafkaBootstrap host:port of the broker
 * @param postgresUri where PostgreSQL is
 * @param redisUri where the ledger's Redis is
 * @param pid the process that runs the services
 */
public record Endpoints(
    String host,
    List<LocalExchange.Ports> replicas,
    String kafkaBootstrap,
    String postgresUri,
    String redisUri,
    Path keyFile,
    long pid) {
  private static final String FILE = "endpoints.properties";

  static Endpoints of(
      List<LocalExchange.Ports> replicas, Infrastructure infrastructure, Path dataDirectory) {
    return new Endpoints(
        LocalExchange.HOST,
        replicas,
        infrastructure.kafkaBootstrap(),
        infrastructure.postgresUri(),
        infrastructure.redisUri(),
        dataDirectory.resolve(LocalExchange.KEY_FILE),
        ProcessHandle.current().pid());
  }

  /** The ports of the first replica of each service. */
  public LocalExchange.Ports ports() {
    return replicas.getFirst();
  }

  /** Appears as a whole, after everything answers. */
  void write(Path dataDirectory) {
    Properties properties = new Properties();
    properties.setProperty("host", host);
    properties.setProperty("order", ports(LocalExchange.Ports::order));
    properties.setProperty("match", ports(LocalExchange.Ports::match));
    properties.setProperty("settle", ports(LocalExchange.Ports::settle));
    properties.setProperty("asset", ports(LocalExchange.Ports::asset));
    properties.setProperty("kafka", kafkaBootstrap);
    properties.setProperty("postgres", postgresUri);
    properties.setProperty("redis", redisUri);
    properties.setProperty("key", keyFile.toString());
    properties.setProperty("pid", Long.toString(pid));
    Path half = dataDirectory.resolve(FILE + ".tmp");
    try (var out = Files.newBufferedWriter(half)) {
      properties.store(out, "A running Sagax");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      Files.move(half, dataDirectory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The port of each replica, separated by commas. */
  private String ports(ToIntFunction<LocalExchange.Ports> service) {
    return replicas.stream()
        .map(ports -> Integer.toString(service.applyAsInt(ports)))
        .collect(Collectors.joining(","));
  }

  static void remove(Path dataDirectory) {
    try {
      Files.deleteIfExists(dataDirectory.resolve(FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether an exchange has written where it listens. */
  public static boolean exist(Path dataDirectory) {
    return Files.exists(dataDirectory.resolve(FILE));
  }

  /** Reads what a running exchange has written. */
  public static Endpoints read(Path dataDirectory) {
    Properties p = new Properties();
    try (var in = Files.newBufferedReader(dataDirectory.resolve(FILE))) {
      p.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Endpoints(
        p.getProperty("host"),
        replicas(p),
        p.getProperty("kafka"),
        p.getProperty("postgres"),
        p.getProperty("redis"),
        Path.of(p.getProperty("key")),
        Long.parseLong(p.getProperty("pid")));
  }

  private static List<LocalExchange.Ports> replicas(Properties p) {
    int[] order = ports(p, "order");
    int[] match = ports(p, "match");
    int[] settle = ports(p, "settle");
    int[] asset = ports(p, "asset");
    return IntStream.range(0, order.length)
        .mapToObj(i -> new LocalExchange.Ports(order[i], match[i], settle[i], asset[i]))
        .toList();
  }

  private static int[] ports(Properties p, String service) {
    return Arrays.stream(p.getProperty(service).split(",")).mapToInt(Integer::parseInt).toArray();
  }
}
