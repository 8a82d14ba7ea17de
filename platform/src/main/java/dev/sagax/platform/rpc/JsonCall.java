package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A unary call by JSON over HTTP. Fails with a {@code google.rpc.Status} as its body. */
final class JsonCall<Q extends Message, R extends Message> extends EdgeCall {
  private static final String JSON = "application/json";
  private static final long MILLIS_A_SECOND = 1_000;
  private static final long GOODBYE_MILLIS = 1_000;

  private final JsonRoute<Q, R> route;
  private final Map<String, String> inPath;
  private final HttpServerRequest http;
  private final HttpServerResponse response;
  private Buffer body = Buffer.buffer();
  private boolean closing;

  /**
   * @param inPath the fields that the path names
   */
  JsonCall(
      OpenCalls calls, JsonRoute<Q, R> route, Map<String, String> inPath, HttpServerRequest http) {
    super(
        calls,
        route.method().authority(),
        route.method().name(),
        http.headers(),
        http.connection());
    this.route = route;
    this.inPath = inPath;
    this.http = http;
    this.response = http.response();
    response.putHeader(RequestId.HEADER, requestId);
    calls.unaryOpened(route.method().authority());
  }

  /** Answers what is no call at all. */
  static void refuse(HttpServerRequest http, Failure failure) {
    String requestId = RequestId.of(http.headers());
    http.response().putHeader(RequestId.HEADER, requestId);
    write(http.response(), failure, requestId);
  }

  /** Takes the call or answers why not. */
  void start() {
    http.handler(this::read);
    http.endHandler(v -> endOfRequest());
    http.exceptionHandler(broken -> clientIsGone());
    response.exceptionHandler(broken -> clientIsGone());
    response.closeHandler(v -> clientIsGone());
    String encoding = http.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding == null || encoding.equals("identity")) {
      admit();
    } else {
      fail(Failures.unknownCompression(encoding));
    }
  }

  @Override
  protected String protocol() {
    return "http";
  }

  @Override
  protected void onAdmitted() {
    awaitRequest();
  }

  @Override
  protected void onClosed() {
    calls.unaryClosed(route.method().authority());
  }

  @Override
  protected boolean isOneTooMany() {
    return calls.tooManyUnary(route.method().authority());
  }

  @Override
  protected void pause() {
    http.pause();
  }

  @Override
  protected void resume() {
    http.resume();
  }

  @Override
  protected MultiMap responseHeaders() {
    return response.headers();
  }

  @Override
  protected void send(Failure failure) {
    body = null;
    closing = !http.isEnded() && http.version() != HttpVersion.HTTP_2;
    if (closing) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    write(response, failure, requestId);
    if (closing) {
      closeSoon();
    }
  }

  /**
   * What still comes of the request is dropped, but for a moment it is read: a socket that is
   * closed over it may take the answer away from the client.
   */
  private void closeSoon() {
    http.resume();
    calls.vertx().setTimer(GOODBYE_MILLIS, timer -> http.connection().close());
  }

  private void read(Buffer chunk) {
    if (isClosed()) {
      return;
    }
    if (body.length() + chunk.length() > MessageReader.MAX_BYTES) {
      fail(Failures.tooLarge());
    } else {
      body.appendBuffer(chunk);
    }
  }

  private void endOfRequest() {
    if (closing) {
      http.connection().close();
    }
    if (isClosed()) {
      return;
    }
    requestIsComplete();
    counted.received();
    try {
      Q message = message();
      countItems(message);
      whenAnswered(route.method().body().call(call(), message), this::answer);
    } catch (Throwable thrown) {
      fail(thrown);
    }
  }

  private Q message() {
    if (body.length() > 0) {
      requireJson();
    }
    List<JsonMessages.Parameter> named = new ArrayList<>();
    inPath.forEach((name, value) -> named.add(new JsonMessages.Parameter(name, value)));
    query().forEach((name, value) -> named.add(new JsonMessages.Parameter(name, value)));
    return JsonMessages.read(route.method().prototype(), body.toString(), named);
  }

  private MultiMap query() {
    try {
      return http.params();
    } catch (IllegalArgumentException e) {
      throw new FailureException(Failures.malformed("The query is not percent-encoded rightly."));
    }
  }

  private void requireJson() {
    String type = http.getHeader(HttpHeaders.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith(JSON)) {
      throw new FailureException(Failures.notJson());
    }
    if (!route.hasBody()) {
      throw new FailureException(
          Failures.malformed("This method takes its parameters from the path and the query."));
    }
  }

  private void answer(R message) {
    String json = JsonMessages.write(message);
    if (close(GrpcStatus.OK)) {
      counted.sent();
      write(response, json);
      onClosed();
    }
  }

  private static void write(HttpServerResponse response, Failure failure, String requestId) {
    failure.standing().ifPresent(limit -> limit.writeTo(response.headers()));
    if (failure.retryMillis() > 0) {
      long seconds = Math.ceilDiv(failure.retryMillis(), MILLIS_A_SECOND);
      response.putHeader("retry-after", Long.toString(seconds));
    }
    response.setStatusCode(JsonStatus.of(failure));
    write(response, JsonMessages.write(failure.toProto(requestId)));
  }

  private static void write(HttpServerResponse response, String json) {
    if (!response.closed() && !response.ended()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
      response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
      response.end(json);
    }
  }
}
