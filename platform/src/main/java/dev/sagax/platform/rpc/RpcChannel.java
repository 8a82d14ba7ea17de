package dev.sagax.platform.rpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientOptions;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import io.vertx.grpc.client.InvalidStatusException;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Unary calls to another service of the exchange over one HTTP/2 connection, with this service's
 * token and a deadline on each.
 */
public final class RpcChannel {
  private static final int CONNECT_MILLIS = 2_000;
  private static final long PONG_MILLIS = 2_000;
  private static final int PING_BYTES = 8;
  private static final int MAX_ANSWER_BYTES = 4 * 1024 * 1024;
  private static final Set<GrpcStatus> FAULTS =
      EnumSet.of(GrpcStatus.UNAVAILABLE, GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.CANCELLED);

  private final GrpcClient client;
  private final SocketAddress peer;
  private final Supplier<String> token;

  /**
   * @param token gives a valid token, for each call anew
   */
  public RpcChannel(Vertx vertx, String host, int port, Supplier<String> token) {
    this.peer = SocketAddress.inetSocketAddress(port, host);
    this.token = token;
    this.client =
        GrpcClient.builder(vertx)
            .with(new GrpcClientOptions().setMaxMessageSize(MAX_ANSWER_BYTES))
            .with(
                new HttpClientOptions()
                    .setHttp2ClearTextUpgrade(false)
                    .setHttp2ConnectionWindowSize(MAX_ANSWER_BYTES)
                    .setConnectTimeout(CONNECT_MILLIS))
            .build();
  }

  /**
   * Calls a method of the peer. Fails with {@link PeerUnavailableException} when the peer is away
   * or does not answer in time, and with {@link IllegalStateException} when it refuses, which
   * between services of the exchange is a bug.
   *
   * @param method the client's side of the method, as in the generated {@code GrpcClient}
   * @param timeoutMillis above 0; connecting is part of it
   */
  public <Q, R> Future<R> unary(ServiceMethod<R, Q> method, Q message, long timeoutMillis) {
    Future<GrpcClientRequest<Q, R>> request = client.request(peer, method);
    return request
        .compose(open -> send(open, message, timeoutMillis))
        .compose(this::read)
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .onFailure(failure -> giveUp(request, failure))
        .recover(failure -> Future.failedFuture(explain(method, failure)));
  }

  public Future<Void> close() {
    return client.close();
  }

  private <Q, R> Future<GrpcClientResponse<Q, R>> send(
      GrpcClientRequest<Q, R> request, Q message, long timeoutMillis) {
    request.headers().set(HttpHeaders.AUTHORIZATION, "Bearer " + token.get());
    request.timeout(timeoutMillis, TimeUnit.MILLISECONDS);
    request.end(message);
    return request.response();
  }

  private <Q, R> Future<R> read(GrpcClientResponse<Q, R> response) {
    return response
        .last()
        .recover(failure ->
            failure instanceof InvalidStatusException
                ? Future.failedFuture(refused(response))
                : Future.failedFuture(failure));
  }

  private static RuntimeException refused(GrpcClientResponse<?, ?> response) {
    String text =
        "The peer answered %s: %s".formatted(response.status().name(), response.statusMessage());
    return FAULTS.contains(response.status())
        ? new PeerUnavailableException(text, null)
        : new IllegalStateException(text);
  }

  /**
   * A call that ran out of time is reset; its connection has to show that it lives, for TCP alone
   * notices a vanished peer only after minutes.
   */
  private static void giveUp(Future<? extends GrpcClientRequest<?, ?>> request, Throwable failure) {
    if (failure instanceof TimeoutException && request.succeeded()) {
      request.result().cancel();
      HttpConnection connection = request.result().connection();
      connection
          .ping(Buffer.buffer(new byte[PING_BYTES]))
          .timeout(PONG_MILLIS, TimeUnit.MILLISECONDS)
          .onFailure(silent -> connection.close());
    }
  }

  private Throwable explain(ServiceMethod<?, ?> method, Throwable failure) {
    String text =
        "The call of %s at %s failed: %s"
            .formatted(method.fullMethodName(), peer, failure.getMessage());
    return StatusMapper.isFault(failure)
        ? new PeerUnavailableException(text, failure)
        : new IllegalStateException(text, failure);
  }
}
