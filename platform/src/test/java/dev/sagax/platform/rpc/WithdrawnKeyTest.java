package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import io.grpc.Status.Code;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams whose tokens are signed with keys of another issuer, which it takes back. */
class WithdrawnKeyTest {
  private static final String ISSUER = "https://login.example.com";
  private static final long AGE_MILLIS = 100;
  private static final PublicJsonWebKey STOLEN = Keys.ed25519("stolen");
  private static final PublicJsonWebKey GOOD = Keys.ed25519("good");

  @TempDir Path folder;
  private final AtomicInteger opened = new AtomicInteger();
  private Path jwks;
  private RunningEdge running;

  @BeforeEach
  void start() throws Exception {
    jwks = folder.resolve("jwks.json");
    publish(Keys.set(STOLEN, GOOD));
    running =
        new RunningEdge(
            folder,
            (vertx, own) ->
                Access.with(vertx, own, jwks.toString(), ISSUER, "exchange", AGE_MILLIS));
    running.watchBalances = this::beatUntilItIsOver;
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private void beatUntilItIsOver(Call call, Object request, StreamSink<GetBalancesResponse> sink) {
    opened.incrementAndGet();
    Context context = Vertx.currentContext();
    running.vertx.setPeriodic(
        20,
        beat -> {
          if (sink.isClosed()) {
            running.vertx.cancelTimer(beat);
          } else {
            context.runOnContext(v -> sink.write(GetBalancesResponse.getDefaultInstance()));
          }
        });
  }

  /** At once: a set that is half written is no set. */
  private void publish(String set) throws Exception {
    Path draft = Files.writeString(folder.resolve("draft.json"), set);
    Files.move(draft, jwks, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String token(PublicJsonWebKey key) {
    return Keys.sign(
        key,
        "EdDSA",
        Map.of(
            "iss",
            ISSUER,
            "aud",
            "exchange",
            "sub",
            "alice",
            "scope",
            "read",
            "exp",
            Instant.now().getEpochSecond() + 600));
  }

  @Test
  void streamEndsWithTheKeyThatItsTokenIsSignedWith() throws Exception {
    Watcher stolen = Watcher.on(running.channel, token(STOLEN));
    Watcher good = Watcher.on(running.channel, token(GOOD));
    Watcher own = Watcher.on(running.channel, running.token(Scope.READ));
    Eventually.passes(() -> assertThat(opened).hasValue(3));

    publish(Keys.set(GOOD));

    Eventually.passes(() -> assertThat(stolen.failure).isNotNull());
    assertThat(stolen.failure.getStatus().getCode()).isEqualTo(Code.UNAUTHENTICATED);
    assertThat(Answers.errorInfo(stolen.failure).getReason()).isEqualTo("TOKEN_KEY_UNKNOWN");
    assertGoesOn(good);
    assertGoesOn(own);
  }

  @Test
  void streamGoesOnWhileTheKeysCannotBeRead() throws Exception {
    Watcher good = Watcher.on(running.channel, token(GOOD));
    Watcher stolen = Watcher.on(running.channel, token(STOLEN));
    Eventually.passes(() -> assertThat(opened).hasValue(2));

    publish("<html>");
    assertGoesOn(good);
    publish(Keys.set(GOOD));

    Eventually.passes(() -> assertThat(stolen.failure).isNotNull());
    assertGoesOn(good);
  }

  /** For longer than the keys are not read. */
  private static void assertGoesOn(Watcher watcher) {
    int before = watcher.got.get();
    Eventually.passes(() -> assertThat(watcher.got).hasValueGreaterThan(before + 10));
    assertThat(watcher.failure).isNull();
  }
}
