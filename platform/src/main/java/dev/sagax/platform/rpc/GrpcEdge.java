package dev.sagax.platform.rpc;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import com.google.rpc.ErrorDetailsProto;
import com.google.rpc.StatusProto;
import dev.sagax.platform.metrics.Metrics;
import dev.sagax.platform.tls.TlsWatch;
import dev.sagax.platform.tracing.Tracing;
import dev.sagax.proto.error.v1.ErrorReason;
import io.grpc.health.v1.HealthProto;
import io.grpc.reflection.v1.ServerReflectionProto;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One port with every RPC of a service, reflection and health. Knows who calls and what they may;
 * every failure leaves with its status, its reason and, where there is one, the field at fault.
 */
public final class GrpcEdge {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcEdge.class);
  private static final long DRAIN_MILLIS = 5_000;
  private static final long GOODBYE_MILLIS = 1_000;
  private static final String GRPC = "application/grpc";

  /** HTTP/2's word for a reset that is nobody's fault. */
  private static final long NO_ERROR = 0;

  private final Vertx vertx;
  private final Gate gate;
  private final ServiceHealth health;
  private final OpenCalls calls;
  private final StreamLimits streamLimits;
  private final StreamSeats seats;
  private final EdgeSettings.Bounds bounds;
  private final ConnectionGuard guard;
  private final Cors cors;
  private final ReflectionIndex index = new ReflectionIndex();
  private final GrpcServer grpc;
  private final JsonEdge json;
  private Optional<TlsWatch> tls = Optional.empty();
  private volatile HttpServer server;
  private HttpServer probed;

  /**
   * @param limits how often an account may call
   */
  public GrpcEdge(
      Vertx vertx, Access access, RateLimits limits, ServiceHealth health, EdgeSettings settings) {
    this(vertx, access, limits, health, settings, new Metrics());
  }

  /**
   * @param limits how often an account may call
   * @param metrics where the calls are counted
   */
  public GrpcEdge(
      Vertx vertx,
      Access access,
      RateLimits limits,
      ServiceHealth health,
      EdgeSettings settings,
      Metrics metrics) {
    this(vertx, access, limits, health, settings, StreamLimits.USUAL, metrics);
  }

  GrpcEdge(
      Vertx vertx,
      Access access,
      RateLimits limits,
      ServiceHealth health,
      EdgeSettings settings,
      StreamLimits streamLimits,
      Metrics metrics) {
    this.vertx = vertx;
    this.gate = access.gate(limits);
    this.streamLimits = streamLimits;
    this.seats = new StreamSeats(streamLimits);
    this.health = health;
    this.calls = new OpenCalls(vertx, settings.bounds(), metrics);
    this.bounds = settings.bounds();
    this.guard = new ConnectionGuard(bounds);
    this.cors = new Cors(settings.origins());
    this.grpc = GrpcServer.server(vertx, grpcOptions()).callHandler(this::refuseUnknown);
    this.json = new JsonEdge(calls);
    index.addService(HealthEndpoint.NAME.fullyQualifiedName(), HealthProto.getDescriptor());
    serveHealth(grpc);
    if (settings.reflection()) {
      serveReflection("grpc.reflection.v1", ServerReflectionProto.getDescriptor());
      serveReflection("grpc.reflection.v1alpha", olderReflectionFile());
    }
    index.addFile(ErrorDetailsProto.getDescriptor());
    index.addFile(StatusProto.getDescriptor());
    index.addFile(ErrorReason.getDescriptor().getFile());
  }

  /** Every call that needs a token is a span from now on. */
  public GrpcEdge trace(Tracing tracing) {
    calls.trace(tracing);
    return this;
  }

  /**
   * Registers a unary method. Who may call it stands in the contract, in its option {@code
   * (sagax.auth.v1.rights)}.
   *
   * @throws IllegalArgumentException if the method has no such option, or if the file that declares
   *     the request message does not declare the service
   */
  public <Q extends Message, R extends Message> GrpcEdge unary(
      ServiceMethod<Q, R> method, UnaryMethod<Q, R> body) {
    MethodDescriptor descriptor = register(method);
    return unary(method, descriptor, gate.ofCall(MethodRights.of(descriptor)), body);
  }

  /**
   * As {@link #unary}, for a method that does several things in one call.
   *
   * @param items how many, and so as how many calls the rate limit counts it
   */
  public <Q extends Message, R extends Message> GrpcEdge unary(
      ServiceMethod<Q, R> method, ToIntFunction<Q> items, UnaryMethod<Q, R> body) {
    MethodDescriptor descriptor = register(method);
    return unary(method, descriptor, gate.ofBatch(MethodRights.of(descriptor), items), body);
  }

  private <Q extends Message, R extends Message> GrpcEdge unary(
      ServiceMethod<Q, R> method,
      MethodDescriptor descriptor,
      Authority authority,
      UnaryMethod<Q, R> body) {
    serve(grpc, method, authority, body);
    json.serve(
        descriptor,
        new JsonRoute.JsonMethod<>(method.fullMethodName(), emptyOf(method), authority, body));
    return this;
  }

  /** As {@link #unary}, for a method that answers one message with a stream of them. */
  public <Q extends Message, R extends Message> GrpcEdge serverStream(
      ServiceMethod<Q, R> method, StreamMethod<Q, R> body) {
    return serverStream(method, MethodRights.of(register(method)), body);
  }

  <Q extends Message, R extends Message> GrpcEdge serverStream(
      ServiceMethod<Q, R> method, MethodRights rights, StreamMethod<Q, R> body) {
    serve(grpc, method, gate.ofStream(rights), Optional.of(seats), body);
    return this;
  }

  /** How many server streams are open now, those of health and reflection apart. */
  public int openStreams() {
    return seats.taken();
  }

  /**
   * Speaks TLS alone, with what is watched; to be called before it listens. A client may show a
   * certificate, and a token with the scope {@code service} counts only together with one.
   */
  public GrpcEdge over(TlsWatch certificates) {
    tls = Optional.of(certificates);
    certificates.onChange(renewed -> {
      if (server != null) {
        server
            .updateSSLOptions(renewed.ofServer())
            .onFailure(failure -> LOG.error("The renewed certificate cannot be used", failure));
      }
    });
    return this;
  }

  /** Opens the port, any free one for 0; the port it got. */
  public Future<Integer> listen(String host, int port) {
    server =
        GuardedServer.of(vertx, options(), guard::accepted)
            .connectionHandler(guard::opened)
            .requestHandler(this::route);
    return server.listen(port, host).map(HttpServer::actualPort);
  }

  private HttpServerOptions options() {
    HttpServerOptions options = guard.options();
    tls.ifPresent(watch ->
        options
            .setSsl(true)
            .setUseAlpn(true)
            .setClientAuth(ClientAuth.REQUEST)
            .setKeyCertOptions(watch.current().keyCert())
            .setTrustOptions(watch.current().trust()));
    return options;
  }

  /**
   * Opens a port that answers about health alone, without TLS: a kubelet's gRPC probes know none.
   * Says the same as the other port. It counts its connections apart: clients who take all of the
   * other port's must not keep a kubelet out, which would kill the process.
   */
  public Future<Integer> listenForProbes(String host, int port) {
    ConnectionGuard own = new ConnectionGuard(bounds);
    GrpcServer probes = GrpcServer.server(vertx, grpcOptions()).callHandler(this::refuseUnknown);
    serveHealth(probes);
    probed =
        GuardedServer.of(vertx, own.options(), own::accepted)
            .connectionHandler(own::opened)
            .requestHandler(http -> {
              own.requested(http.connection());
              probes.handle(http);
            });
    return probed.listen(port, host).map(HttpServer::actualPort);
  }

  /** Stops taking calls, lets those under way finish (for 5 s at most), closes. */
  public Future<Void> close() {
    health.stopping();
    return calls.drain(DRAIN_MILLIS).compose(v -> closeServer());
  }

  private Future<Void> closeServer() {
    return Future.join(shutDown(server), shutDown(probed)).mapEmpty();
  }

  private static Future<Void> shutDown(HttpServer server) {
    return server == null
        ? Future.succeededFuture()
        : server.shutdown(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private <Q extends Message, R extends Message> void serve(
      GrpcServer at, ServiceMethod<Q, R> method, Authority authority, UnaryMethod<Q, R> body) {
    calls.counts().know(method.fullMethodName(), CallCounts.Type.UNARY);
    var reader = new MessageReader<>(method.decoder());
    at.callHandler(
        method, request -> new UnaryCall<>(calls, reader, authority, body, request).start());
  }

  private <Q extends Message, R extends Message> void serve(
      GrpcServer at,
      ServiceMethod<Q, R> method,
      Authority authority,
      Optional<StreamSeats> seats,
      StreamMethod<Q, R> body) {
    calls.counts().know(method.fullMethodName(), CallCounts.Type.SERVER_STREAM);
    var reader = new MessageReader<>(method.decoder());
    at.callHandler(
        method,
        request ->
            new StreamCall<>(calls, reader, authority, seats, streamLimits, body, request).start());
  }

  private void serveHealth(GrpcServer at) {
    var endpoint = new HealthEndpoint(health, index);
    serve(at, HealthEndpoint.CHECK, Authority.OPEN, endpoint::check);
    serve(at, HealthEndpoint.WATCH, Authority.OPEN, Optional.empty(), endpoint::watch);
  }

  /** The messages of both versions are the same on the wire. */
  private void serveReflection(String version, FileDescriptor file) {
    var service = ServiceName.create(version, "ServerReflection");
    GrpcMessageDecoder<ServerReflectionRequest> decoder =
        GrpcMessageDecoder.decoder(ServerReflectionRequest.getDefaultInstance());
    GrpcMessageEncoder<ServerReflectionResponse> encoder = GrpcMessageEncoder.encoder();
    var method = ServiceMethod.server(service, "ServerReflectionInfo", encoder, decoder);
    calls.counts().know(method.fullMethodName(), CallCounts.Type.BIDI_STREAM);
    var reader = new MessageReader<>(decoder);
    index.addService(service.fullyQualifiedName(), file);
    grpc.callHandler(method, request -> new ReflectionCall(calls, reader, index, request).start());
  }

  @SuppressWarnings("deprecation") // grpcurl and others still ask for it
  private static FileDescriptor olderReflectionFile() {
    return io.grpc.reflection.v1alpha.ServerReflectionProto.getDescriptor();
  }

  private void route(HttpServerRequest http) {
    guard.requested(http.connection());
    if (http.version() != HttpVersion.HTTP_2 && http.response().writeQueueFull()) {
      http.connection().close(); // it sends one request after the other and reads no answer
      return;
    }
    if (http.version() == HttpVersion.HTTP_2) {
      http.response().endHandler(v -> expectItsEnd(http));
    }
    cors.allow(http);
    if (cors.answersPreflight(http)) {
      return;
    }
    String type = http.getHeader(HttpHeaders.CONTENT_TYPE);
    if (type == null || !type.startsWith(GRPC)) {
      json.handle(http);
      return;
    }
    if (!http.headers().contains(GrpcHeaderNames.GRPC_ENCODING)) {
      http.headers().set(GrpcHeaderNames.GRPC_ENCODING, MessageReader.UNNAMED);
    }
    grpc.handle(http);
  }

  /**
   * A client that has its answer and does not end its request keeps an HTTP/2 stream, though no
   * call is under way. As a rule its end is on its way; else the stream is reset.
   */
  private void expectItsEnd(HttpServerRequest http) {
    HttpServerResponse response = http.response();
    if (response.ended() && !http.isEnded()) {
      vertx.setTimer(
          GOODBYE_MILLIS,
          timer -> {
            if (!http.isEnded() && !response.closed()) {
              response.reset(NO_ERROR);
            }
          });
    }
  }

  private void refuseUnknown(GrpcServerRequest<Buffer, Buffer> request) {
    request.invalidMessageHandler(tooLarge -> {});
    String requestId = RequestId.of(request.headers());
    request.response().headers().set(RequestId.HEADER, requestId);
    Failure failure = Failures.unknownMethod(request.fullMethodName());
    calls.counts().refused(failure.status());
    failure.writeTo(request.response(), requestId);
    request.response().end();
  }

  /** Makes a method known to reflection and health; how the contract describes it. */
  private MethodDescriptor register(ServiceMethod<?, ?> method) {
    String service = method.serviceName().fullyQualifiedName();
    FileDescriptor file = fileOf(method);
    index.addService(service, file);
    return file.findServiceByName(method.serviceName().name())
        .findMethodByName(method.methodName());
  }

  /** The file of a method's request message, which in this project declares its service too. */
  private static FileDescriptor fileOf(ServiceMethod<?, ?> method) {
    return ((Message) emptyOf(method)).getDescriptorForType().getFile();
  }

  private static <Q> Q emptyOf(ServiceMethod<Q, ?> method) {
    return method.decoder().decode(GrpcMessage.message("identity", Buffer.buffer()));
  }

  /** JSON is served by {@link JsonEdge}: the server's own transcoding fails without details. */
  private static GrpcServerOptions grpcOptions() {
    return new GrpcServerOptions()
        .setMaxMessageSize(MessageReader.MAX_BYTES)
        .removeEnabledProtocol(GrpcProtocol.TRANSCODING);
  }
}
