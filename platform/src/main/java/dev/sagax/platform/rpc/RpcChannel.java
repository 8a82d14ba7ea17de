package dev.sagax.platform.rpc;

import dev.sagax.platform.tls.TlsAdvice;
import dev.sagax.platform.tls.TlsMaterial;
import dev.sagax.platform.tls.TlsWatch;
import dev.sagax.platform.tracing.AskingSpans;
import dev.sagax.platform.tracing.Traceparent;
import dev.sagax.platform.tracing.Underway;
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
import io.vertx.grpc.common.GrpcHeaderNames;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.ServiceMethod;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * Unary calls to another service of the exchange, over one HTTP/2 connection a replica, with this
 * service's token and a deadline on each. They go to one replica as long as it answers, then to the
 * next one, so a call must be safe to repeat. Safe on any thread.
 */
public final class RpcChannel {
  private static final int CONNECT_MILLIS = 2_000;
  private static final long PONG_MILLIS = 2_000;
  private static final long LEAST_SHARE_MILLIS = 1_000;
  private static final long NANOS_A_MILLI = 1_000_000;
  private static final long LONGEST_CALL_MILLIS = 120_000;
  private static final int PING_BYTES = 8;
  private static final int MAX_ANSWER_BYTES = 4 * 1024 * 1024;

  /** As many as one connection bears; more would wait for it without being seen. */
  private static final int MAX_UNDER_WAY = 1_000;

  /** What is asked for when its time has passed. The peer refuses it and does nothing. */
  private static final String NO_TIME = "0m";

  private static final Set<GrpcStatus> FAULTS =
      EnumSet.of(GrpcStatus.UNAVAILABLE, GrpcStatus.DEADLINE_EXCEEDED, GrpcStatus.CANCELLED);

  private final Vertx vertx;
  private volatile GrpcClient client;
  private final List<SocketAddress> peers;
  private final AtomicInteger preferred = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final Supplier<String> token;

  /** Without TLS. */
  public RpcChannel(Vertx vertx, List<PeerAddress> replicas, Supplier<String> token) {
    this(vertx, replicas, token, Optional.empty());
  }

  /**
   * @param replicas at least one
   * @param token gives a valid token, for each call anew
   * @param tls what to show to the peers, and which of them to believe; empty: they speak no TLS
   */
  public RpcChannel(
      Vertx vertx, List<PeerAddress> replicas, Supplier<String> token, Optional<TlsWatch> tls) {
    this.vertx = vertx;
    this.peers =
        replicas.stream().map(r -> SocketAddress.inetSocketAddress(r.port(), r.host())).toList();
    this.token = token;
    this.client = newClient(tls.map(TlsWatch::current));
    tls.ifPresent(watch -> watch.onChange(this::renew));
  }

  private GrpcClient newClient(Optional<TlsMaterial> tls) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setHttp2ClearTextUpgrade(false)
            .setHttp2ConnectionWindowSize(MAX_ANSWER_BYTES)
            .setConnectTimeout(CONNECT_MILLIS);
    tls.ifPresent(material ->
        options
            .setSsl(true)
            .setUseAlpn(true)
            .setVerifyHost(true)
            .setKeyCertOptions(material.keyCert())
            .setTrustOptions(material.trust()));
    return GrpcClient.builder(vertx)
        .with(new GrpcClientOptions().setMaxMessageSize(MAX_ANSWER_BYTES))
        .with(options)
        .build();
  }

  /** New connections for all calls from now on; those under way end on the old ones. */
  private void renew(TlsMaterial renewed) {
    GrpcClient old = client;
    client = newClient(Optional.of(renewed));
    vertx.setTimer(LONGEST_CALL_MILLIS, t -> old.close());
  }

  /**
   * Calls a method of the peer, of each replica once until one answers. Fails with {@link
   * PeerUnavailableException} when all are away or do not answer in time, or at once when too many
   * calls wait for answers already, and with {@link IllegalStateException} when one refuses, which
   * between services of the exchange is a bug.
   *
   * @param method the client's side of the method, as in the generated {@code GrpcClient}
   * @param timeoutMillis above 0, for all replicas together, of which each may take an equal share,
   *     but a second at least; connecting is part of it, and a replica is told what is left of it
   */
  public <Q, R> Future<R> unary(ServiceMethod<R, Q> method, Q message, long timeoutMillis) {
    if (underWay.incrementAndGet() > MAX_UNDER_WAY) {
      underWay.decrementAndGet();
      return Future.failedFuture(
          new PeerUnavailableException(
              "%d calls of %s wait for an answer already, so %s was not called."
                  .formatted(MAX_UNDER_WAY, peers, method.fullMethodName()),
              null));
    }
    return askAll(method, message, timeoutMillis)
        .onComplete(answered -> underWay.decrementAndGet());
  }

  private <Q, R> Future<R> askAll(ServiceMethod<R, Q> method, Q message, long timeoutMillis) {
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    AskingSpans spans = Underway.asks(method.fullMethodName());
    return ask(method, message, endNanos, preferred.get(), peers.size(), spans)
        .onComplete(answer -> spans.end(answer.cause()));
  }

  private <Q, R> Future<R> ask(
      ServiceMethod<R, Q> method,
      Q message,
      long endNanos,
      int replica,
      int untried,
      AskingSpans spans) {
    long leftMillis = Math.ceilDiv(endNanos - System.nanoTime(), NANOS_A_MILLI);
    long shareMillis = Math.min(leftMillis, Math.max(LEAST_SHARE_MILLIS, leftMillis / untried));
    Future<R> answer = call(peers.get(replica), method, message, Math.max(1, shareMillis), spans);
    return untried == 1
        ? answer.onFailure(failure -> turnFrom(replica, failure))
        : answer.recover(failure ->
            turnFrom(replica, failure) && System.nanoTime() - endNanos < 0
                ? ask(method, message, endNanos, after(replica), untried - 1, spans)
                : Future.failedFuture(failure));
  }

  /** Whether another replica may do better; then the next calls begin there. */
  private boolean turnFrom(int replica, Throwable failure) {
    boolean away = failure instanceof PeerUnavailableException;
    if (away) {
      preferred.compareAndSet(replica, after(replica));
    }
    return away;
  }

  private int after(int replica) {
    return (replica + 1) % peers.size();
  }

  private <Q, R> Future<R> call(
      SocketAddress peer,
      ServiceMethod<R, Q> method,
      Q message,
      long timeoutMillis,
      AskingSpans spans) {
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    Future<GrpcClientRequest<Q, R>> request = client.request(peer, method);
    return request
        .compose(open -> send(open, message, endNanos, spans))
        .compose(this::read)
        .timeout(timeoutMillis, TimeUnit.MILLISECONDS)
        .onFailure(failure -> giveUp(request, failure))
        .recover(failure -> Future.failedFuture(explain(peer, method, failure)));
  }

  public Future<Void> close() {
    return client.close();
  }

  /**
   * Also what has no time left is sent, to be refused: a stream that was opened and never used
   * would keep its place on the connection.
   */
  private <Q, R> Future<GrpcClientResponse<Q, R>> send(
      GrpcClientRequest<Q, R> request, Q message, long endNanos, AskingSpans spans) {
    spans
        .traceparent()
        .ifPresent(trace -> request.headers().set(Traceparent.HEADER, trace.toString()));
    request.headers().set(HttpHeaders.AUTHORIZATION, "Bearer " + token.get());
    long leftMillis = Math.ceilDiv(endNanos - System.nanoTime(), NANOS_A_MILLI);
    if (leftMillis > 0) {
      request.timeout(leftMillis, TimeUnit.MILLISECONDS);
    } else {
      request.headers().set(GrpcHeaderNames.GRPC_TIMEOUT, NO_TIME);
    }
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

  private static Throwable explain(
      SocketAddress peer, ServiceMethod<?, ?> method, Throwable failure) {
    String text =
        "The call of %s at %s failed: %s"
            .formatted(
                method.fullMethodName(),
                peer,
                TlsAdvice.of(failure, "the peer", "tls.ca").orElse(failure.getMessage()));
    return StatusMapper.isFault(failure) || failure instanceof SSLException
        ? new PeerUnavailableException(text, failure)
        : new IllegalStateException(text, failure);
  }
}
