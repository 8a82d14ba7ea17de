package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwksTest {
  private static final PublicJsonWebKey OLD = Keys.ed25519("old");
  private static final PublicJsonWebKey NEW = Keys.ed25519("new");

  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger changes = new AtomicInteger();
  private long millis;
  private Supplier<Future<Buffer>> place = published(OLD);
  private final Jwks keys =
      new Jwks(
          "here",
          () -> {
            reads.incrementAndGet();
            return place.get();
          },
          () -> millis,
          changes::incrementAndGet);

  private static Supplier<Future<Buffer>> published(PublicJsonWebKey... keys) {
    return () -> Future.succeededFuture(Buffer.buffer(Keys.set(keys)));
  }

  private static Supplier<Future<Buffer>> away() {
    return () -> Future.failedFuture("Connection refused");
  }

  private Future<Optional<Key>> find(String keyId) {
    return keys.find(keyId, "EdDSA");
  }

  @Test
  void knownKeyIsReadOnce() {
    assertThat(find("old").result()).contains(OLD.getPublicKey());
    assertThat(find("old").result()).contains(OLD.getPublicKey());

    assertThat(reads).hasValue(1);
  }

  @Test
  void unknownKeyReadsTheSetAgainButNotOften() {
    find("old");
    place = published(OLD, NEW);

    assertThat(find("new").result()).isEmpty();
    millis = 9_999;
    assertThat(find("new").result()).isEmpty();
    millis = 10_000;
    assertThat(find("new").result()).contains(NEW.getPublicKey());

    assertThat(reads).hasValue(2);
    assertThat(changes).hasValue(2);
  }

  @Test
  void thoseWhoAskMeanwhileWaitForTheSameReading() {
    Promise<Buffer> set = Promise.promise();
    place = set::future;

    Future<Optional<Key>> one = find("old");
    Future<Optional<Key>> other = find("old");
    set.complete(Buffer.buffer(Keys.set(OLD)));

    assertThat(one.result()).contains(OLD.getPublicKey());
    assertThat(other.result()).contains(OLD.getPublicKey());
    assertThat(reads).hasValue(1);
  }

  @Test
  void lastGoodSetCountsWhileTheNextCannotBeRead() {
    find("old");
    for (Supplier<Future<Buffer>> bad :
        java.util.List.<Supplier<Future<Buffer>>>of(
            away(),
            () -> Future.succeededFuture(Buffer.buffer("<html>")),
            () -> Future.succeededFuture(Buffer.buffer("{\"keys\":[]}")),
            () -> Future.succeededFuture(Buffer.buffer(" ".repeat(300_000))))) {
      place = bad;
      assertThat(keys.load().succeeded()).isTrue();
    }

    assertThat(reads).hasValue(5);
    assertThat(find("old").result()).contains(OLD.getPublicKey());
    assertThat(changes).hasValue(1);
  }

  @Test
  void withdrawnKeyIsForgotten() {
    find("old");
    place = published(NEW);

    keys.load();

    assertThat(find("old").result()).isEmpty();
  }

  @Test
  void nobodyIsRefusedBeforeTheKeysWereRead() {
    place = away();

    assertThat(find("old").cause()).isInstanceOf(PeerUnavailableException.class);
  }

  @Test
  void keyForAnotherPurposeIsNoKey() throws Exception {
    PublicJsonWebKey encrypts = Keys.ed25519("e");
    encrypts.setUse("enc");
    PublicJsonWebKey other = Keys.ed25519("a");
    other.setAlgorithm("ES256");
    place = published(encrypts, other);

    assertThat(find("e").result()).isEmpty();
    assertThat(find("a").result()).isEmpty();
    assertThat(keys.find("e", "RS256").result()).isEmpty();
  }

  @Test
  void setIsReadFromAFileAndFromAUrl(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("jwks.json"), Keys.set(OLD));
    Vertx vertx = Vertx.vertx();
    try {
      var server =
          RunningEdge.await(
              vertx
                  .createHttpServer()
                  .requestHandler(request -> request.response().end(Keys.set(NEW)))
                  .listen(0, "127.0.0.1"));
      String url = "http://127.0.0.1:" + server.actualPort() + "/jwks.json";

      Jwks fromFile = Jwks.at(vertx, file.toString(), () -> {});
      Jwks fromUrl = Jwks.at(vertx, url, () -> {});

      assertThat(RunningEdge.await(fromFile.find("old", "EdDSA"))).contains(OLD.getPublicKey());
      assertThat(RunningEdge.await(fromUrl.find("new", "EdDSA"))).contains(NEW.getPublicKey());
    } finally {
      RunningEdge.await(vertx.close());
    }
  }
}
