package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.boot.ServiceConfig.Setting;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceStartTest {
  private static final String NOBODY = "127.0.0.1:1";
  private static final long PATIENCE_NANOS = Duration.ofMinutes(2).toNanos();

  private static final long LOOK_MILLIS = 100;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final String MARKETS =
      """
      assets:
        - {name: BTC, scale: 8}
        - {name: USD, scale: 2}
      markets:
        - {name: BTC-USD, base: BTC, quote: USD, tick: 0.01, lot: 0.0001, partition: 1, maker_bps: 10, taker_bps: 20}
      """;

  @TempDir Path folder;

  private static final class Service extends ServiceVerticle {
    Service(ServiceConfig config) {
      super("order-svc", config);
    }

    @Override
    protected Future<Void> assemble(ServicePlatform platform) {
      throw new AssertionError("There is no broker that it could go on with.");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void metricsAreThereWhileTheStartWaitsForItsStores() throws Exception {
    int port = freePort();
    Path markets = Files.writeString(folder.resolve("markets.yaml"), MARKETS);
    Vertx vertx = Vertx.vertx();

    Future<String> started =
        vertx.deployVerticle(
            new Service(
                ServiceConfig.of(
                    0,
                    Map.of(
                        Setting.KAFKA_BOOTSTRAP,
                        NOBODY,
                        Setting.POSTGRES_URI,
                        "postgresql://sagax@" + NOBODY + "/sagax",
                        Setting.REDIS_URI,
                        "redis://" + NOBODY,
                        Setting.MARKETS_FILE,
                        markets.toString(),
                        Setting.AUTH_KEY_FILE,
                        folder.resolve("key.pem").toString(),
                        Setting.METRICS_PORT,
                        Integer.toString(port)))));

    List<String> seen = List.of();
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!seen.contains("sagax_postgres_up 0.0") && !started.isComplete()) {
      assertThat(System.nanoTime()).as("the end of patience, with %s", seen).isLessThan(end);
      seen = scrape(port);
    }
    assertThat(started.isComplete()).as("a start without stores: %s", started.cause()).isFalse();
    assertThat(seen).contains("sagax_postgres_up 0.0", "sagax_ready 0.0");
    vertx.close();
  }

  /** Nothing while nobody listens. */
  private static List<String> scrape(int port) throws InterruptedException {
    try {
      URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
      return HTTP.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
          .body()
          .lines()
          .toList();
    } catch (IOException notYet) {
      Thread.sleep(LOOK_MILLIS);
      return List.of();
    }
  }
}
