package dev.sagax.platform.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void gaugesAreReadOverHttp() throws Exception {
    Metrics metrics =
        new Metrics()
            .gauge("sagax_ledger_audit_age_seconds", "How old it is.", () -> 2.5)
            .gauge("sagax_ledger_state", "The state.", () -> 1, "state", "OPEN")
            .gauge("sagax_ledger_state", "The state.", () -> 0, "state", "CANCEL_ONLY");
    int port = freePort();
    new MetricsEndpoint(vertx, metrics)
        .listen("127.0.0.1", port)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);

    HttpResponse<String> answer = get(port, "/metrics");

    assertThat(answer.headers().firstValue("content-type")).get().asString().contains("0.0.4");
    assertThat(answer.body().lines())
        .contains(
            "# HELP sagax_ledger_audit_age_seconds How old it is.",
            "sagax_ledger_audit_age_seconds 2.5",
            "sagax_ledger_state{state=\"OPEN\"} 1.0",
            "sagax_ledger_state{state=\"CANCEL_ONLY\"} 0.0");
    assertThat(get(port, "/other").statusCode()).isEqualTo(404);
  }

  @Test
  void countsAndSpreadsHaveTheNamesThatTheyWereGiven() {
    Metrics metrics = new Metrics();
    metrics.count("sagax_things_total", "Things.", "kind", "a").add(3);
    metrics.count("sagax_things_total", "Things.", "kind", "b");
    metrics.counter("sagax_seconds_total", "Seconds.", () -> 1.5);
    var spread = metrics.spread("sagax_sizes_records", "Sizes.", new double[] {1, 10});
    spread.see(1);
    spread.see(7);
    spread.see(70);

    assertThat(metrics.text().lines())
        .contains(
            "# TYPE sagax_things_total counter",
            "sagax_things_total{kind=\"a\"} 3.0",
            "sagax_things_total{kind=\"b\"} 0.0",
            "sagax_seconds_total 1.5",
            "# TYPE sagax_sizes_records histogram",
            "sagax_sizes_records_bucket{le=\"1.0\"} 1",
            "sagax_sizes_records_bucket{le=\"10.0\"} 2",
            "sagax_sizes_records_bucket{le=\"+Inf\"} 3",
            "sagax_sizes_records_sum 78.0");
  }

  @Test
  void nameThatIsUsedAgainHasTheSameLabels() {
    Metrics metrics = new Metrics().gauge("sagax_state", "The state.", () -> 1, "state", "OPEN");

    assertThatThrownBy(() -> metrics.gauge("sagax_state", "The state.", () -> 1, "mode", "OPEN"))
        .hasMessage("sagax_state has the labels [state], not [mode].");
  }

  @Test
  void processIsMeasuredByTheUsualNames() {
    assertThat(new Metrics().ofTheProcess().text())
        .contains("jvm_memory_used_bytes{area=\"heap\"} ")
        .contains("jvm_gc_collection_seconds_count{")
        .contains("process_cpu_seconds_total ")
        .contains("process_open_fds ");
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + path);
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
