package dev.sagax.platform.metrics;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code GET /metrics} on a port of its own, without a token: only Prometheus may reach it.
 */
public final class MetricsEndpoint {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsEndpoint.class);
  private static final String PATH = "/metrics";
  private static final int NOT_FOUND = 404;
  private static final int FAILED = 500;

  private final Vertx vertx;
  private final HttpServer server;
  private final Metrics metrics;

  public MetricsEndpoint(Vertx vertx, Metrics metrics) {
    this.vertx = vertx;
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
      vertx
          .executeBlocking(metrics::text, false)
          .onSuccess(
              text -> request.response().putHeader("content-type", Metrics.CONTENT_TYPE).end(text))
          .onFailure(bug -> fail(request, bug));
    } else {
      request.response().setStatusCode(NOT_FOUND).end();
    }
  }

  private static void fail(HttpServerRequest request, Throwable bug) {
    LOG.error("The metrics could not be read", bug);
    request.response().setStatusCode(FAILED).end();
  }
}
