package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import io.vertx.core.Future;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** gRPC-Web as a browser sends it: HTTP/1.1, frames in the body, trailers in the last frame. */
class GrpcWebTest {
  private static final String PAGE = "https://trade.example.com";
  private static final String PATH = "/sagax.ledger.v1.LedgerService/GetBalances";
  private static final String WATCH = "/" + RunningEdge.WATCH.fullMethodName();
  private static final int TRAILERS = 0x80;

  @TempDir Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private RunningEdge running;

  /** What came back: the messages and the trailers. */
  private record Answer(
      HttpResponse<byte[]> http, List<byte[]> messages, Map<String, String> trailers) {
    Status details() throws Exception {
      return Status.parseFrom(Base64.getDecoder().decode(trailers.get("grpc-status-details-bin")));
    }

    String reason() throws Exception {
      return details().getDetails(0).unpack(ErrorInfo.class).getReason();
    }
  }

  @BeforeEach
  void start() throws Exception {
    var settings = new EdgeSettings(true, Map.of(), Set.of(PAGE), EdgeSettings.Bounds.DEFAULT);
    running = new RunningEdge(folder, settings, RateLimits.none());
  }

  @AfterEach
  void stop() throws Exception {
    http.close();
    running.close();
  }

  private Answer call(String type, String path, String token, GetBalancesRequest message)
      throws Exception {
    HttpResponse<byte[]> response =
        http.send(request(type, path, token, message), BodyHandlers.ofByteArray());
    boolean text = type.startsWith("application/grpc-web-text");
    byte[] body = text ? decode(response.body()) : response.body();
    return read(response, body);
  }

  private HttpRequest request(String type, String path, String token, GetBalancesRequest message) {
    byte[] frame = frame(message.toByteArray());
    boolean text = type.startsWith("application/grpc-web-text");
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running.port + path))
            .timeout(Duration.ofSeconds(30))
            .header("content-type", type)
            .header("accept", type)
            .header("x-grpc-web", "1")
            .header("origin", PAGE)
            .POST(BodyPublishers.ofByteArray(text ? Base64.getEncoder().encode(frame) : frame));
    if (token != null) {
      request.header("authorization", "Bearer " + token);
    }
    return request.build();
  }

  /** Base64 of pieces, each padded for itself. */
  private static byte[] decode(byte[] text) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i + 4 <= text.length; i += 4) {
      bytes.writeBytes(Base64.getDecoder().decode(java.util.Arrays.copyOfRange(text, i, i + 4)));
    }
    return bytes.toByteArray();
  }

  private static byte[] frame(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  private static Answer read(HttpResponse<byte[]> response, byte[] body) {
    List<byte[]> messages = new ArrayList<>();
    Map<String, String> trailers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    response.headers().map().forEach((name, values) -> trailers.put(name, values.get(0)));
    ByteBuffer rest = ByteBuffer.wrap(body);
    while (rest.remaining() >= 5) {
      int flag = rest.get() & 0xff;
      byte[] payload = new byte[rest.getInt()];
      rest.get(payload);
      if (flag == TRAILERS) {
        new String(payload, StandardCharsets.US_ASCII)
            .lines()
            .filter(line -> line.contains(":"))
            .forEach(line ->
                trailers.put(
                    line.substring(0, line.indexOf(':')).strip(),
                    line.substring(line.indexOf(':') + 1).strip()));
      } else {
        messages.add(payload);
      }
    }
    return new Answer(response, messages, trailers);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/grpc-web-text",
        "application/grpc-web-text+proto"
      })
  void callIsAnsweredAndFailuresHaveDetails(String type) throws Exception {
    String token = running.token(Scope.SERVICE);
    GetBalancesRequest alice = GetBalancesRequest.newBuilder().setAccount("alice").build();
    GetBalancesResponse balances =
        GetBalancesResponse.newBuilder()
            .addBalances(AssetBalance.newBuilder().setAsset("BTC").build())
            .build();

    running.getBalances = (call, request) -> Future.succeededFuture(balances);
    Answer good = call(type, PATH, token, alice);
    running.getBalances =
        (call, request) ->
            Future.failedFuture(
                Refusal.of(Reason.UNKNOWN_ASSET, "There is no such asset.").asException());
    Answer bad = call(type, PATH, token, alice);

    assertThat(good.http().statusCode()).isEqualTo(200);
    assertThat(GetBalancesResponse.parseFrom(good.messages().get(0))).isEqualTo(balances);
    assertThat(good.trailers()).containsEntry("grpc-status", "0");
    assertThat(good.http().headers().firstValue("access-control-allow-origin")).contains(PAGE);
    assertThat(bad.http().statusCode()).isEqualTo(200);
    assertThat(bad.trailers()).containsEntry("grpc-status", "5");
    assertThat(bad.reason()).isEqualTo("UNKNOWN_ASSET");
    assertThat(bad.http().headers().firstValue("x-request-id")).isPresent();
  }

  @Test
  void badCallsHaveTheirReasons() throws Exception {
    String type = "application/grpc-web+proto";
    String token = running.token(Scope.SERVICE);
    GetBalancesRequest alice = GetBalancesRequest.newBuilder().setAccount("alice").build();
    GetBalancesRequest large =
        GetBalancesRequest.newBuilder().setAccount("x".repeat(300_000)).build();

    Answer none = call(type, PATH, null, alice);
    Answer wrong = call(type, PATH, running.token(Scope.READ), alice);
    Answer tooLarge = call(type, PATH, token, large);
    Answer unknown = call(type, "/sagax.ledger.v1.LedgerService/Steal", token, alice);

    assertThat(none.trailers()).containsEntry("grpc-status", "16");
    assertThat(none.reason()).isEqualTo("TOKEN_MISSING");
    assertThat(wrong.trailers()).containsEntry("grpc-status", "7");
    assertThat(wrong.reason()).isEqualTo("SCOPE_MISSING");
    assertThat(tooLarge.trailers()).containsEntry("grpc-status", "8");
    assertThat(tooLarge.reason()).isEqualTo("MESSAGE_TOO_LARGE");
    assertThat(unknown.trailers()).containsEntry("grpc-status", "12");
    assertThat(unknown.reason()).isEqualTo("UNKNOWN_METHOD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/grpc-web+proto", "application/grpc-web-text"})
  void streamComesWholeAndInOrderToItsStatus(String type) throws Exception {
    int many = 900;
    String padding = "x".repeat(1_000);
    running.watchBalances =
        (call, request, sink) -> {
          for (int i = 0; i < many; i++) {
            sink.write(message(i + padding));
          }
          if (request.getAccount().equals("broken")) {
            sink.fail(Refusal.of(Reason.UNKNOWN_ASSET, "It went away.").asException());
          } else {
            sink.end();
          }
        };
    String token = running.token(Scope.READ);

    Answer whole = call(type, WATCH, token, GetBalancesRequest.getDefaultInstance());
    Answer broken =
        call(type, WATCH, token, GetBalancesRequest.newBuilder().setAccount("broken").build());

    assertThat(whole.trailers()).containsEntry("grpc-status", "0");
    assertThat(whole.messages()).hasSize(many);
    for (int i = 0; i < many; i++) {
      assertThat(GetBalancesResponse.parseFrom(whole.messages().get(i)))
          .isEqualTo(message(i + padding));
    }
    assertThat(broken.trailers()).containsEntry("grpc-status", "5");
    assertThat(broken.reason()).isEqualTo("UNKNOWN_ASSET");
  }

  @Test
  void streamEndsWithTheConnectionOfItsPage() throws Exception {
    running.watchBalances = (call, request, sink) -> sink.write(message("first"));
    HttpRequest request =
        request(
            "application/grpc-web+proto",
            WATCH,
            running.token(Scope.READ),
            GetBalancesRequest.getDefaultInstance());
    try (InputStream body = http.send(request, BodyHandlers.ofInputStream()).body()) {
      assertThat(body.readNBytes(5)).hasSize(5);
      assertThat(running.edge.openStreams()).isEqualTo(1);
    }

    Eventually.passes(() -> assertThat(running.edge.openStreams()).isZero());
  }

  private static GetBalancesResponse message(String asset) {
    return GetBalancesResponse.newBuilder()
        .addBalances(AssetBalance.newBuilder().setAsset(asset))
        .build();
  }
}
