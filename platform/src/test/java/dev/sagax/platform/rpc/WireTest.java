package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls that no decent client makes, made by hand over HTTP/2. */
class WireTest {
  private static final String PATH = "/sagax.ledger.v1.LedgerService/GetBalances";
  private static final byte[] ALICE =
      GetBalancesRequest.newBuilder().setAccount("alice").build().toByteArray();

  @TempDir Path folder;
  private final AtomicInteger called = new AtomicInteger();
  private RunningEdge running;
  private HttpClient http;

  /** How a call ended: the trailers, wherever they stood. */
  record Ending(int httpStatus, MultiMap trailers) {
    Status details() throws Exception {
      String encoded = trailers.get("grpc-status-details-bin");
      assertThat(encoded).as("details in " + trailers).isNotNull();
      return Status.parseFrom(Base64.getDecoder().decode(encoded));
    }
  }

  @BeforeEach
  void start() throws Exception {
    running = new RunningEdge(folder);
    running.getBalances =
        (call, request) -> {
          called.incrementAndGet();
          return Future.succeededFuture(GetBalancesResponse.getDefaultInstance());
        };
    http =
        running.vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  static Stream<Arguments> badCalls() throws Exception {
    byte[] zipBomb = gzip(new byte[50_000_000]);
    return Stream.of(
        call("no body", Map.of(), Buffer.buffer(), Reason.MALFORMED_MESSAGE),
        call("half a frame header", Map.of(), bytes(0, 0, 0), Reason.MALFORMED_MESSAGE),
        call("half a message", Map.of(), bytes(0, 0, 0, 0, 9, 1, 2), Reason.MALFORMED_MESSAGE),
        call(
            "no protobuf", Map.of(), bytes(0, 0, 0, 0, 3, 255, 255, 255), Reason.MALFORMED_MESSAGE),
        call("bad UTF-8", Map.of(), bytes(0, 0, 0, 0, 3, 10, 1, 255), Reason.MALFORMED_MESSAGE),
        call(
            "two messages",
            Map.of(),
            frame(0, ALICE).appendBuffer(frame(0, ALICE)),
            Reason.MALFORMED_MESSAGE),
        call("compressed, unsaid how", Map.of(), frame(1, gzip(ALICE)), Reason.MALFORMED_MESSAGE),
        call(
            "gzip that is none",
            Map.of("grpc-encoding", "gzip"),
            frame(1, ALICE),
            Reason.MALFORMED_MESSAGE),
        call(
            "empty gzip",
            Map.of("grpc-encoding", "gzip"),
            frame(1, new byte[0]),
            Reason.MALFORMED_MESSAGE),
        call(
            "compressed as identity",
            Map.of("grpc-encoding", "identity"),
            frame(1, gzip(ALICE)),
            Reason.MALFORMED_MESSAGE),
        call(
            "gzip bomb",
            Map.of("grpc-encoding", "gzip"),
            frame(1, zipBomb),
            Reason.MESSAGE_TOO_LARGE),
        call(
            "length of 4 GiB", Map.of(), bytes(0, 255, 255, 255, 255, 1), Reason.MESSAGE_TOO_LARGE),
        call(
            "one byte over the limit",
            Map.of(),
            frame(0, new byte[256 * 1024 + 1]),
            Reason.MESSAGE_TOO_LARGE),
        call(
            "two too large ones",
            Map.of(),
            frame(0, new byte[300_000]).appendBuffer(frame(0, new byte[300_000])),
            Reason.MESSAGE_TOO_LARGE),
        call("no time", Map.of("grpc-timeout", "0m"), frame(0, ALICE), Reason.DEADLINE_EXCEEDED),
        call(
            "time that is none",
            Map.of("grpc-timeout", "soon"),
            frame(0, ALICE),
            Reason.MALFORMED_MESSAGE),
        call(
            "time with nine digits",
            Map.of("grpc-timeout", "123456789m"),
            frame(0, ALICE),
            Reason.MALFORMED_MESSAGE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badCalls")
  void badCallIsRefusedAndNotExecuted(
      String name, Map<String, String> headers, Buffer body, Reason reason) throws Exception {
    Ending ending = post(PATH, headers, body);

    assertThat(ending.httpStatus()).isEqualTo(200);
    assertThat(reasonOf(ending)).isEqualTo(reason.name());
    assertThat(ending.trailers().get("grpc-status")).isEqualTo(reason.status.code + "");
    assertThat(called).hasValue(0);
  }

  @Test
  void unknownCompressionIsUnimplemented() throws Exception {
    Ending ending = post(PATH, Map.of("grpc-encoding", "snappy"), frame(1, ALICE));

    assertThat(ending.trailers().get("grpc-status")).isEqualTo("12");
    assertThat(ending.trailers().get("grpc-accept-encoding")).contains("gzip");
    assertThat(reasonOf(ending)).isEqualTo("MALFORMED_MESSAGE");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {
        "/sagax.ledger.v1.LedgerService/Steal",
        "/sagax.ledger.v1.NoService/GetBalances",
        "/sagax.ledger.v1.LedgerService/GetBalances/more",
        "/sagax.ledger.v1.LedgerService/",
        "/sagax.ledger.v1.LedgerService",
        "//",
        "/",
        "/%C3%A4?x=y"
      })
  void unknownPathIsUnimplemented(String path) throws Exception {
    Ending ending = post(path, Map.of(), frame(0, ALICE));

    assertThat(ending.trailers().get("grpc-status")).isEqualTo("12");
    assertThat(reasonOf(ending)).isEqualTo("UNKNOWN_METHOD");
  }

  @Test
  void goodCallIsAnswered() throws Exception {
    Ending ending = post(PATH, Map.of("grpc-timeout", "99999999H"), frame(0, ALICE));

    assertThat(ending.trailers().get("grpc-status")).isEqualTo("0");
    assertThat(called).hasValue(1);
  }

  @Test
  void messageInManyPiecesIsOneMessage() throws Exception {
    Started started = start(PATH, Map.of());
    for (byte one : frame(0, ALICE).getBytes()) {
      RunningEdge.await(started.request().write(Buffer.buffer(new byte[] {one})));
    }
    started.request().end();

    assertThat(RunningEdge.await(started.ending()).trailers().get("grpc-status")).isEqualTo("0");
    assertThat(called).hasValue(1);
  }

  @Test
  void deadlineIsAnsweredWhenTheMethodIsLateAndOnlyOnce() throws Exception {
    Promise<GetBalancesResponse> late = Promise.promise();
    running.getBalances = (call, request) -> late.future();

    Ending ending = post(PATH, Map.of("grpc-timeout", "50m"), frame(0, ALICE));
    late.complete(GetBalancesResponse.getDefaultInstance());

    assertThat(ending.trailers().get("grpc-status")).isEqualTo("4");
    assertThat(reasonOf(ending)).isEqualTo("DEADLINE_EXCEEDED");
    running.getBalances =
        (call, request) -> Future.succeededFuture(GetBalancesResponse.getDefaultInstance());
    assertThat(post(PATH, Map.of(), frame(0, ALICE)).trailers().get("grpc-status")).isEqualTo("0");
  }

  @Test
  void deadlineIsAnsweredWhenTheClientNeverEndsItsRequest() throws Exception {
    Started started = start(PATH, Map.of("grpc-timeout", "50m"));
    started.request().write(frame(0, ALICE));

    assertThat(reasonOf(RunningEdge.await(started.ending()))).isEqualTo("DEADLINE_EXCEEDED");
    assertThat(called).hasValue(0);
  }

  @Test
  void callsThatClientsResetDoNotKeepTheEdgeOpen() throws Exception {
    Promise<GetBalancesResponse> never = Promise.promise();
    Promise<Void> arrived = Promise.promise();
    running.getBalances =
        (call, request) -> {
          arrived.complete();
          return never.future();
        };
    Started started = start(PATH, Map.of());
    started.request().end(frame(0, ALICE));
    RunningEdge.await(arrived.future());
    started.request().reset(8);

    long before = System.nanoTime();
    RunningEdge.await(running.edge.close());

    assertThat((System.nanoTime() - before) / 1_000_000).isLessThan(4_000);
  }

  @Test
  void randomBytesNeverHangAndAreNeverABug() throws Exception {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("WireTest: repeat with -Dsagax.seed=" + seed);
    var random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      if (random.nextBoolean() && bytes.length > 5) {
        bytes[0] = (byte) random.nextInt(2);
        bytes[1] = 0;
        bytes[2] = 0;
        bytes[3] = 0;
        bytes[4] = (byte) (bytes.length - 5);
      }
      Map<String, String> headers =
          random.nextBoolean() ? Map.of("grpc-encoding", "gzip") : Map.of();

      Ending ending = post(PATH, headers, Buffer.buffer(bytes));

      String told = "seed %d, call %d, %s".formatted(seed, i, ending);
      assertThat(ending.trailers().get("grpc-status")).as(told).isIn("0", "3", "8");
    }
  }

  private Ending post(String path, Map<String, String> headers, Buffer body) throws Exception {
    Started call = start(path, headers);
    call.request().end(body);
    return RunningEdge.await(call.ending());
  }

  /** A call whose headers are set and whose ending is awaited, for a test to send. */
  record Started(HttpClientRequest request, Future<Ending> ending) {}

  private Started start(String path, Map<String, String> headers) throws Exception {
    HttpClientRequest request =
        RunningEdge.await(http.request(HttpMethod.POST, running.port, "127.0.0.1", path));
    request.putHeader("content-type", "application/grpc");
    request.putHeader("te", "trailers");
    request.putHeader("authorization", "Bearer " + running.token(Scope.SERVICE));
    headers.forEach(request::putHeader);
    request.setChunked(true);
    return new Started(
        request, request.response().compose(head -> head.end().map(ended -> endingOf(head))));
  }

  private static Ending endingOf(HttpClientResponse response) {
    boolean trailersOnly = response.headers().contains("grpc-status");
    return new Ending(
        response.statusCode(), trailersOnly ? response.headers() : response.trailers());
  }

  private static String reasonOf(Ending ending) throws Exception {
    Status status = ending.details();
    assertThat(ending.trailers().get("grpc-status")).isEqualTo(status.getCode() + "");
    return status.getDetails(0).unpack(ErrorInfo.class).getReason();
  }

  private static Arguments call(
      String name, Map<String, String> headers, Buffer body, Reason reason) {
    return Arguments.of(name, headers, body, reason);
  }

  private static Buffer frame(int flag, byte[] message) {
    return Buffer.buffer().appendByte((byte) flag).appendInt(message.length).appendBytes(message);
  }

  private static Buffer bytes(int... values) {
    Buffer buffer = Buffer.buffer();
    for (int value : values) {
      buffer.appendByte((byte) value);
    }
    return buffer;
  }

  private static byte[] gzip(byte[] plain) throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }
}
