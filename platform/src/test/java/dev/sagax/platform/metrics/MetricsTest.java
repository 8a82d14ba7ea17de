package dev.sagax.platform.metrics;

import static org.assertj.core.api.Assertions.assertThat;

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
