package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BearersTest {
  private static final PublicJsonWebKey KEY = Keys.ed25519("key");
  private static final String ALICE =
      "Bearer "
          + Keys.sign(
              KEY,
              "EdDSA",
              Map.of(
                  "iss",
                  "other",
                  "aud",
                  "exchange",
                  "sub",
                  "alice",
                  "exp",
                  Instant.now().getEpochSecond() + 600));

  @TempDir Path folder;
  private final AtomicInteger verified = new AtomicInteger();
  private Runnable meanwhile = () -> {};
  private Bearers bearers;

  @BeforeEach
  void start() throws Exception {
    KeySource keys =
        (keyId, algorithm) -> {
          verified.incrementAndGet();
          meanwhile.run();
          return Future.succeededFuture(Optional.of(KEY.getPublicKey()));
        };
    bearers =
        new Bearers(
            new TokenVerifier(
                Tokens.ofKeyFile(folder.resolve("key.pem")),
                Optional.of(
                    new TrustedIssuer("other", "exchange", EnumSet.allOf(Scope.class), keys))));
  }

  @Test
  void tokenIsVerifiedOnceUntilTheKeysChange() {
    bearers.tokenOf(ALICE);
    bearers.tokenOf(ALICE);
    assertThat(verified).hasValue(1);

    bearers.forget();
    bearers.tokenOf(ALICE);

    assertThat(verified).hasValue(2);
  }

  @Test
  void whatWasVerifiedWhileTheKeysChangedIsNotRemembered() {
    meanwhile = bearers::forget;
    assertThat(bearers.tokenOf(ALICE).succeeded()).isTrue();

    meanwhile = () -> {};
    bearers.tokenOf(ALICE);

    assertThat(verified).hasValue(2);
  }

  @Test
  void whoWatchesIsToldUntilItsWatchEnds() {
    var told = new AtomicInteger();
    Runnable end = bearers.watch(ALICE).onNewKeys(told::incrementAndGet);
    bearers.watch(ALICE).onNewKeys(told::incrementAndGet);

    bearers.forget();
    assertThat(told).hasValue(2);
    end.run();
    bearers.forget();

    assertThat(told).hasValue(3);
  }
}
