package dev.sagax.platform.rpc;

import dev.sagax.platform.metrics.Metrics;
import dev.sagax.proto.auth.v1.MethodClass;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcService;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** An edge on a free port whose LedgerService does what a test says, with clients for it. */
final class RunningEdge {
  static final EdgeSettings NO_REFLECTION =
      new EdgeSettings(false, Map.of(), Set.of(), EdgeSettings.Bounds.DEFAULT);
  private static byte[] key;

  /** With event loops to spare, however few processors there are. */
  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(4));

  final Tokens tokens;
  final Metrics metrics = new Metrics();
  final ServiceHealth health = new ServiceHealth(vertx);
  final GrpcEdge edge;

  /** The one whose event loop serves the edge's connections. */
  final Context context = vertx.getOrCreateContext();

  final int port;
  final ManagedChannel channel;
  volatile UnaryMethod<GetBalancesRequest, GetBalancesResponse> getBalances =
      (call, request) -> Future.succeededFuture(GetBalancesResponse.getDefaultInstance());

  /** A stream of balances, which is only served here. */
  static final ServiceMethod<GetBalancesRequest, GetBalancesResponse> WATCH =
      ServiceMethod.server(
          LedgerServiceGrpcService.GetBalances.serviceName(),
          "WatchBalances",
          GrpcMessageEncoder.encoder(),
          GrpcMessageDecoder.decoder(GetBalancesRequest.getDefaultInstance()));

  volatile StreamMethod<GetBalancesRequest, GetBalancesResponse> watchBalances =
      (call, request, sink) -> sink.end();

  RunningEdge(Path folder) throws Exception {
    this(folder, EdgeSettings.DEFAULT, RateLimits.none());
  }

  RunningEdge(Path folder, StreamLimits streams) throws Exception {
    this(folder, EdgeSettings.DEFAULT, RateLimits.none(), streams);
  }

  RunningEdge(Path folder, EdgeSettings settings, RateLimits limits) throws Exception {
    this(folder, settings, limits, StreamLimits.USUAL);
  }

  /**
   * @param access whose tokens it believes, beside its own
   */
  RunningEdge(Path folder, BiFunction<Vertx, Tokens, Future<Access>> access) throws Exception {
    this(folder, EdgeSettings.DEFAULT, RateLimits.none(), StreamLimits.USUAL, access);
  }

  private RunningEdge(Path folder, EdgeSettings settings, RateLimits limits, StreamLimits streams)
      throws Exception {
    this(
        folder,
        settings,
        limits,
        streams,
        (vertx, own) -> Future.succeededFuture(Access.ofOwn(own)));
  }

  private RunningEdge(
      Path folder,
      EdgeSettings settings,
      RateLimits limits,
      StreamLimits streams,
      BiFunction<Vertx, Tokens, Future<Access>> access)
      throws Exception {
    tokens = Tokens.ofKeyFile(sharedKey(folder));
    edge =
        new GrpcEdge(
                vertx,
                await(access.apply(vertx, tokens)),
                limits,
                health,
                settings,
                streams,
                metrics)
            .serverStream(
                WATCH,
                new MethodRights(
                    EnumSet.of(Scope.READ, Scope.SERVICE), MethodClass.METHOD_CLASS_READ),
                (call, request, sink) -> watchBalances.open(call, request, sink))
            .unary(
                LedgerServiceGrpcService.GetBalances,
                (call, request) -> getBalances.call(call, request))
            .unary(
                LedgerServiceGrpcService.Audit,
                (Call call, AuditRequest request) ->
                    Future.succeededFuture(
                        AuditResponse.newBuilder().addFindings(call.account()).build()));
    Promise<Integer> listening = Promise.promise();
    context.runOnContext(v -> edge.listen("127.0.0.1", 0).onComplete(listening));
    port = await(listening.future());
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  /** One key for all edges: to find one takes longer than most tests. */
  private static synchronized Path sharedKey(Path folder) throws IOException {
    if (key == null) {
      Tokens.ofKeyFile(folder.resolve("first.pem"));
      key = Files.readAllBytes(folder.resolve("first.pem"));
    }
    return Files.write(folder.resolve("key.pem"), key);
  }

  String token(Scope... scopes) {
    return tokens.issue("alice", Set.of(scopes), Duration.ofMinutes(5));
  }

  LedgerServiceGrpc.LedgerServiceBlockingStub ledger(Scope... scopes) {
    return ledgerWith("Bearer " + token(scopes));
  }

  LedgerServiceGrpc.LedgerServiceBlockingStub ledgerWith(String authorization) {
    return LedgerServiceGrpc.newBlockingStub(with("authorization", authorization))
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  Channel with(String header, String value) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  void close() throws Exception {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    await(edge.close());
    await(vertx.close());
  }
}
