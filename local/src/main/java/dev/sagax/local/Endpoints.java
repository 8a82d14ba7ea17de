package dev.sagax.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * Where a running exchange listens, as other processes read it from its data directory.
 *
 * @param kafkaBootstrap host:port of the broker
 * @param pid the process that runs the services
 */
public record Endpoints(
    String host, LocalExchange.Ports ports, String kafkaBootstrap, Path keyFile, long pid) {
  private static final String FILE = "endpoints.properties";

  static Endpoints of(LocalExchange exchange, Path dataDirectory) {
    return new Endpoints(
        "127.0.0.1",
        exchange.ports(),
        exchange.infrastructure().kafkaBootstrap(),
        dataDirectory.resolve(LocalExchange.KEY_FILE),
        ProcessHandle.current().pid());
  }

  /** Appears as a whole, after everything answers. */
  void write(Path dataDirectory) {
    Properties properties = new Properties();
    properties.setProperty("host", host);
    properties.setProperty("order", Integer.toString(ports.order()));
    properties.setProperty("match", Integer.toString(ports.match()));
    properties.setProperty("settle", Integer.toString(ports.settle()));
    properties.setProperty("asset", Integer.toString(ports.asset()));
    properties.setProperty("kafka", kafkaBootstrap);
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
        new LocalExchange.Ports(
            Integer.parseInt(p.getProperty("order")),
            Integer.parseInt(p.getProperty("match")),
            Integer.parseInt(p.getProperty("settle")),
            Integer.parseInt(p.getProperty("asset"))),
        p.getProperty("kafka"),
        Path.of(p.getProperty("key")),
        Long.parseLong(p.getProperty("pid")));
  }
}
