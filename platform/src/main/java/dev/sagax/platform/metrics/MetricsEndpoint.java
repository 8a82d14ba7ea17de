package dev.sagax.platform.metrics;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;

/**
 * Answers {@code GET /metrics} on a port of its own, without a token: only Prometheus may reach it.
 */
public final class MetricsEndpoint {
  private static final String PATH = "/metrics";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final int NOT_FOUND = 404;

  private final HttpServer server;
  private final Metrics metrics;

  public MetricsEndpoint(Vertx vertx, Metrics metrics) {
    this.server = vertx.createHttpServer();
    this.metrics = metrics;
    server.requestHandler(this::answer);
  }

  public Future<Void> listen(String host, int port) {
    return server.listen(port, host).mapEmpty();
  }

  public Future<Void> close() {
    return server.close();
  }

  private void answer(HttpServerRequest request) {
    if (request.method().equals(HttpMethod.GET) && request.path().equals(PATH)) {
      request.response().putHeader("content-type", TEXT).end(metrics.text());
    } else {
      request.response().setStatusCode(NOT_FOUND).end();
    }
  }
}
