package dev.sagax.platform.rpc;

import static dev.sagax.platform.rpc.Answers.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How calls are let in, and how long they may stay. */
class AdmissionTest {
  private static final Caller ALICE = new Caller("alice", Set.of(Scope.READ));
  private static final HealthCheckResponse SERVING =
      HealthCheckResponse.newBuilder().setStatus(HealthCheckResponse.ServingStatus.SERVING).build();

  private final Vertx vertx = Vertx.vertx();
  private final OpenCalls calls = new OpenCalls(vertx, EdgeSettings.Bounds.DEFAULT);
  private volatile Authority authority;
  private volatile Runnable seat = () -> {};
  private volatile Call called;
  private ManagedChannel channel;
  private HealthGrpc.HealthBlockingStub health;

  /** A stream that takes its seat, says once that all is well, and never ends by itself. */
  private final class Endless extends WireCall<HealthCheckRequest, HealthCheckResponse> {
    Endless(
        OpenCalls calls,
        Authority authority,
        GrpcServerRequest<HealthCheckRequest, HealthCheckResponse> request) {
      super(calls, new MessageReader<>(HealthEndpoint.WATCH.decoder()), authority, request);
    }

    @Override
    protected void onAdmitted() {
      seat.run();
      response.write(SERVING);
    }

    @Override
    protected boolean isOneTooMany() {
      return calls.tooManyStreams();
    }

    @Override
    protected void onMessage(HealthCheckRequest message) {
      // What is asked for makes no difference here.
    }

    @Override
    protected void onEnd() {
      // It goes on.
    }

    @Override
    protected void onClosed() {
      // There is nothing to give back.
    }
  }

  @BeforeEach
  void start() throws Exception {
    var grpc = GrpcServer.server(vertx);
    grpc.callHandler(
        HealthEndpoint.WATCH, request -> new Endless(calls, authority, request).start());
    grpc.callHandler(
        HealthEndpoint.CHECK,
        request ->
            new UnaryCall<HealthCheckRequest, HealthCheckResponse>(
                    calls,
                    new MessageReader<>(HealthEndpoint.CHECK.decoder()),
                    authority,
                    (call, asked) -> {
                      called = call;
                      return Future.succeededFuture(SERVING);
                    },
                    request)
                .start());
    HttpServer server =
        RunningEdge.await(
            vertx.createHttpServer().requestHandler(grpc::handle).listen(0, "127.0.0.1"));
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.actualPort()).usePlaintext().build();
    health = HealthGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    RunningEdge.await(vertx.close());
  }

  private static HealthCheckRequest ask() {
    return HealthCheckRequest.getDefaultInstance();
  }

  @Test
  void streamEndsWithItsToken() {
    authority = (headers, connection) -> Future.succeededFuture(new Admission(ALICE, 100));

    Iterator<HealthCheckResponse> answers = health.watch(ask());

    assertThat(answers.next()).isEqualTo(SERVING);
    assertFailed(answers::next, Code.UNAUTHENTICATED, Reason.TOKEN_EXPIRED);
  }

  @Test
  void callWaitsUntilItsTokenIsVerified() {
    Promise<Admission> verified = Promise.promise();
    authority =
        (headers, connection) -> {
          vertx.setTimer(
              50,
              timer ->
                  Thread.startVirtualThread(
                      () -> verified.complete(new Admission(ALICE, Admission.FOREVER))));
          return verified.future();
        };

    assertThat(health.check(ask())).isEqualTo(SERVING);
  }

  @Test
  void timeThatTheTokenTookIsGoneForTheMethod() {
    authority =
        (headers, connection) ->
            Future.<Admission>future(promise ->
                vertx.setTimer(
                    300, timer -> promise.complete(new Admission(ALICE, Admission.FOREVER))));

    health.withDeadlineAfter(20, TimeUnit.SECONDS).check(ask());

    assertThat(called.timeoutMillis()).isBetween(1L, 19_700L);
  }

  @Test
  void tokenThatIsFoundBadLaterIsRefused() {
    authority =
        (headers, connection) ->
            Future.<Admission>future(promise ->
                vertx.setTimer(
                    50,
                    timer ->
                        promise.fail(
                            Refusal.of(Reason.TOKEN_KEY_UNKNOWN, "No such key.").asException())));

    assertFailed(() -> health.check(ask()), Code.UNAUTHENTICATED, Reason.TOKEN_KEY_UNKNOWN);
  }

  @Test
  void streamWithoutASeatIsRefusedAlsoIfItsTokenTookTime() {
    seat =
        () -> {
          throw Refusal.of(Reason.TOO_MANY_STREAMS, "No seat is free.").asException();
        };
    authority =
        (headers, connection) ->
            Future.<Admission>future(promise ->
                vertx.setTimer(
                    50, timer -> promise.complete(new Admission(ALICE, Admission.FOREVER))));

    Iterator<HealthCheckResponse> answers = health.watch(ask());

    assertFailed(answers::next, Code.RESOURCE_EXHAUSTED, Reason.TOO_MANY_STREAMS);
  }
}
