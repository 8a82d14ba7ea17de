package dev.sagax.platform.rpc;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Set;

/**
 * Says to browsers which pages may call (Cross-Origin Resource Sharing). A call carries a bearer
 * token and never a cookie, so a page of another origin has no rights that it was not given.
 */
final class Cors {
  private static final String ORIGIN = "origin";
  private static final String ANY = "*";
  private static final String SENT =
      "authorization, content-type, grpc-timeout, traceparent, x-grpc-web, x-request-id,"
          + " x-user-agent";
  private static final String READ =
      "grpc-message, grpc-status, grpc-status-details-bin, ratelimit-limit, ratelimit-remaining,"
          + " ratelimit-reset, retry-after, x-request-id";
  private static final String AGE_SECONDS = "600";
  private static final int NO_CONTENT = 204;

  private final Set<String> origins;

  Cors(Set<String> origins) {
    this.origins = origins;
  }

  /** Sets what a browser needs to give a page the answer, if the page may have it. */
  void allow(HttpServerRequest http) {
    String origin = http.getHeader(ORIGIN);
    if (origin == null || origins.isEmpty()) {
      return;
    }
    HttpServerResponse response = http.response();
    response.putHeader("vary", ORIGIN);
    if (origins.contains(ANY) || origins.contains(origin)) {
      response.putHeader("access-control-allow-origin", origin);
      response.putHeader("access-control-expose-headers", READ);
    }
  }

  /** Answers a browser that asks before it calls; whether it was that. */
  boolean answersPreflight(HttpServerRequest http) {
    boolean preflight =
        http.method().equals(HttpMethod.OPTIONS)
            && http.headers().contains("access-control-request-method");
    if (preflight) {
      HttpServerResponse response = http.response().setStatusCode(NO_CONTENT);
      if (response.headers().contains("access-control-allow-origin")) {
        response.putHeader("access-control-allow-methods", "GET, POST");
        response.putHeader("access-control-allow-headers", SENT);
        response.putHeader("access-control-max-age", AGE_SECONDS);
      }
      response.end();
    }
    return preflight;
  }
}
