package dev.sagax.platform.rpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import com.google.rpc.ErrorDetailsProto;
import com.google.rpc.StatusProto;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.error.v1.ErrorReason;
import io.grpc.health.v1.HealthProto;
import io.grpc.reflection.v1.ServerReflectionProto;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.grpc.common.GrpcHeaderNames;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One port with every RPC of a service, reflection and health. Knows who calls and what they may;
 * every failure leaves with its status, its reason and, where there is one, the field at fault.
 */
public final class GrpcEdge {
  private static final long DRAIN_MILLIS = 5_000;
  private static final long GOODBYE_MILLIS = 1_000;
  private static final int MAX_CALLS_A_CONNECTION = 1_000;
  private static final int MAX_RESETS_IN_30_SECONDS = 10_000;
  private static final int CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
  private static final Caller ANYONE = new Caller("", Set.of());

  private final Vertx vertx;
  private final Bearers bearers;
  private final ServiceHealth health;
  private final OpenCalls calls;
  private final StreamLimits limits;
  private final StreamSeats seats;
  private final ReflectionIndex index = new ReflectionIndex();
  private final GrpcServer grpc;
  private HttpServer server;

  public GrpcEdge(Vertx vertx, Tokens tokens, ServiceHealth health) {
    this(vertx, tokens, health, StreamLimits.USUAL);
  }

  GrpcEdge(Vertx vertx, Tokens tokens, ServiceHealth health, StreamLimits limits) {
    this.vertx = vertx;
    this.limits = limits;
    this.seats = new StreamSeats(limits);
    this.bearers = new Bearers(tokens);
    this.health = health;
    this.calls = new OpenCalls(vertx);
    this.grpc = GrpcServer.server(vertx, grpcOptions()).callHandler(GrpcEdge::refuseUnknown);
    serveHealth();
    serveReflection("grpc.reflection.v1", ServerReflectionProto.getDescriptor());
    serveReflection("grpc.reflection.v1alpha", olderReflectionFile());
    index.addFile(ErrorDetailsProto.getDescriptor());
    index.addFile(StatusProto.getDescriptor());
    index.addFile(ErrorReason.getDescriptor().getFile());
  }

  /**
   * Registers a unary method and the scopes of which a caller must have at least one.
   *
   * @throws IllegalArgumentException if no scope is named, or if the file that declares the request
   *     message does not declare the service
   */
  public <Q extends Message, R extends Message> GrpcEdge unary(
      ServiceMethod<Q, R> method, Set<Scope> anyOf, UnaryMethod<Q, R> body) {
    serve(method, admit(method, anyOf), body);
    return this;
  }

  /** As {@link #unary}, for a method that answers one message with a stream of them. */
  public <Q extends Message, R extends Message> GrpcEdge serverStream(
      ServiceMethod<Q, R> method, Set<Scope> anyOf, StreamMethod<Q, R> body) {
    serve(method, admit(method, anyOf), Optional.of(seats), body);
    return this;
  }

  private <Q extends Message> Function<MultiMap, Caller> admit(
      ServiceMethod<Q, ?> method, Set<Scope> anyOf) {
    if (anyOf.isEmpty()) {
      throw new IllegalArgumentException(
          "The method " + method.fullMethodName() + " names no scope.");
    }
    index.addService(method.serviceName().fullyQualifiedName(), fileOf(method));
    Set<Scope> scopes = EnumSet.copyOf(anyOf);
    return headers -> authorize(headers, scopes);
  }

  /** How many server streams are open now, those of health and reflection apart. */
  public int openStreams() {
    return seats.taken();
  }

  /** Opens the port, any free one for 0; the port it got. */
  public Future<Integer> listen(String host, int port) {
    server = vertx.createHttpServer(httpOptions()).requestHandler(this::route);
    return server.listen(port, host).map(HttpServer::actualPort);
  }

  /** Stops taking calls, lets those under way finish (for 5 s at most), closes. */
  public Future<Void> close() {
    health.stopping();
    return calls.drain(DRAIN_MILLIS).compose(v -> closeServer());
  }

  private Future<Void> closeServer() {
    return server == null
        ? Future.succeededFuture()
        : server.shutdown(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private <Q extends Message, R extends Message> void serve(
      ServiceMethod<Q, R> method, Function<MultiMap, Caller> authority, UnaryMethod<Q, R> body) {
    var reader = new MessageReader<>(method.decoder());
    grpc.callHandler(
        method, request -> new UnaryCall<>(calls, reader, authority, body, request).start());
  }

  private <Q extends Message, R extends Message> void serve(
      ServiceMethod<Q, R> method,
      Function<MultiMap, Caller> authority,
      Optional<StreamSeats> seats,
      StreamMethod<Q, R> body) {
    var reader = new MessageReader<>(method.decoder());
    grpc.callHandler(
        method,
        request ->
            new StreamCall<>(calls, reader, authority, seats, limits, body, request).start());
  }

  private void serveHealth() {
    index.addService(HealthEndpoint.NAME.fullyQualifiedName(), HealthProto.getDescriptor());
    var endpoint = new HealthEndpoint(health, index);
    serve(HealthEndpoint.CHECK, headers -> ANYONE, endpoint::check);
    serve(HealthEndpoint.WATCH, headers -> ANYONE, Optional.empty(), endpoint::watch);
  }

  /** The messages of both versions are the same on the wire. */
  private void serveReflection(String version, FileDescriptor file) {
    var service = ServiceName.create(version, "ServerReflection");
    GrpcMessageDecoder<ServerReflectionRequest> decoder =
        GrpcMessageDecoder.decoder(ServerReflectionRequest.getDefaultInstance());
    GrpcMessageEncoder<ServerReflectionResponse> encoder = GrpcMessageEncoder.encoder();
    var method = ServiceMethod.server(service, "ServerReflectionInfo", encoder, decoder);
    var reader = new MessageReader<>(decoder);
    index.addService(service.fullyQualifiedName(), file);
    grpc.callHandler(method, request -> new ReflectionCall(calls, reader, index, request).start());
  }

  @SuppressWarnings("deprecation") // grpcurl and others still ask for it
  private static FileDescriptor olderReflectionFile() {
    return io.grpc.reflection.v1alpha.ServerReflectionProto.getDescriptor();
  }

  private Caller authorize(MultiMap headers, Set<Scope> anyOf) {
    Caller caller = bearers.callerOf(headers.get(HttpHeaders.AUTHORIZATION));
    for (Scope scope : anyOf) {
      if (caller.may(scope)) {
        return caller;
      }
    }
    String claims = anyOf.stream().map(Scope::claim).collect(Collectors.joining(" "));
    throw Refusal.of(
            Reason.SCOPE_MISSING,
            "This method needs the scope "
                + claims.replace(" ", " or ")
                + ", which the bearer token lacks.")
        .with("scope", claims)
        .asException();
  }

  private void route(HttpServerRequest http) {
    if (http.version() == HttpVersion.HTTP_2
        && !http.headers().contains(GrpcHeaderNames.GRPC_ENCODING)) {
      http.headers().set(GrpcHeaderNames.GRPC_ENCODING, MessageReader.UNNAMED);
    }
    grpc.handle(http);
  }

  private static void refuseUnknown(GrpcServerRequest<Buffer, Buffer> request) {
    request.invalidMessageHandler(tooLarge -> {});
    Failures.unknownMethod(request.fullMethodName()).writeTo(request.response());
    request.response().end();
  }

  /** The file of a method's request message, which in this project declares its service too. */
  private static <Q extends Message> FileDescriptor fileOf(ServiceMethod<Q, ?> method) {
    Q empty = method.decoder().decode(GrpcMessage.message("identity", Buffer.buffer()));
    return empty.getDescriptorForType().getFile();
  }

  private static GrpcServerOptions grpcOptions() {
    return new GrpcServerOptions()
        .setMaxMessageSize(MessageReader.MAX_BYTES)
        .removeEnabledProtocol(GrpcProtocol.WEB)
        .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
        .removeEnabledProtocol(GrpcProtocol.TRANSCODING);
  }

  private static HttpServerOptions httpOptions() {
    return new HttpServerOptions()
        .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(MAX_CALLS_A_CONNECTION))
        .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
        // A client resets a call whose deadline passed; in an overload that is no attack.
        .setHttp2RstFloodMaxRstFramePerWindow(MAX_RESETS_IN_30_SECONDS);
  }
}
