package dev.sagax.platform.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sagax.local.e2e.Eventually;
import dev.sagax.local.locks.DevCa;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class TlsWatchTest {
  private static final long LOOK_MILLIS = 20;

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(TlsWatch.class);
  private DevCa ca;

  @BeforeEach
  void start() {
    ca = new DevCa(folder, "ours");
    logged.list = new CopyOnWriteArrayList<>();
    logged.start();
    logger.addAppender(logged);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(logged);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void renewedCertificateComesIntoUse() {
    TlsWatch watch = TlsWatch.start(vertx, ca.issue("settle-svc"), LOOK_MILLIS);
    List<TlsMaterial> renewed = new CopyOnWriteArrayList<>();
    watch.onChange(renewed::add);
    assertThat(watch.secondsLeft()).isBetween(80_000.0, 86_400.0);

    ca.issue("settle-svc", Duration.ofDays(30), List.of("localhost"));

    Eventually.passes(() -> assertThat(renewed).hasSize(1));
    assertThat(watch.current()).isSameAs(renewed.getFirst());
    assertThat(watch.current().expires()).isAfter(Instant.now().plus(Duration.ofDays(29)));
    assertThat(watch.secondsLeft()).isGreaterThan(86_400.0 * 29);
  }

  @Test
  void brokenCertificateIsSaidOnceAndTheOldOneStays() {
    TlsFiles files = ca.issue("settle-svc");
    TlsWatch watch = TlsWatch.start(vertx, files, LOOK_MILLIS);
    TlsMaterial before = watch.current();

    DevCa.write(files.certificate(), "no certificate");

    Eventually.passes(() -> assertThat(warnings()).hasSize(1));
    assertThat(warnings().getFirst())
        .contains("stays in use")
        .contains("tls.certificate (" + files.certificate() + ")");
    assertThat(watch.current()).isSameAs(before);

    ca.issueExpired("settle-svc");
    Eventually.passes(() -> assertThat(warnings()).hasSize(2));
    assertThat(warnings().getLast()).contains("CN=settle-svc expired at").contains("renew it");

    ca.issue("settle-svc");
    Eventually.passes(() -> assertThat(watch.current()).isNotSameAs(before));
    assertThat(warnings()).hasSize(2);
  }

  @Test
  void certificateThatNobodyCanUseIsSaidAndTriedAgain() {
    TlsWatch watch = TlsWatch.start(vertx, ca.issue("settle-svc"), LOOK_MILLIS);
    TlsMaterial before = watch.current();
    AtomicBoolean broken = new AtomicBoolean(true);
    watch.onChange(renewed -> {
      if (broken.get()) {
        throw new IllegalStateException("not so");
      }
    });

    ca.issue("settle-svc");

    Eventually.passes(() -> assertThat(warnings()).hasSize(1));
    assertThat(warnings().getFirst())
        .contains("The renewed certificate cannot be used", "not so", "stays in use");
    Eventually.passes(() -> assertThat(watch.current()).isSameAs(before));

    broken.set(false);
    Eventually.passes(() -> assertThat(watch.current()).isNotSameAs(before));
  }

  private List<String> warnings() {
    return logged.list.stream()
        .filter(event -> event.getLevel().levelStr.equals("WARN"))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void whatCannotBeUsedIsRefusedWithItsSettingAndWhatToDo() throws IOException {
    TlsFiles good = ca.issue("settle-svc");
    TlsFiles other = ca.issue("asset-svc");
    Path none = folder.resolve("none.pem");
    Path empty = Files.createFile(folder.resolve("empty.pem"));

    assertRefused(new TlsFiles(none, good.key(), good.ca()), "tls.certificate", "none.pem");
    assertRefused(new TlsFiles(good.certificate(), none, good.ca()), "tls.key", "none.pem");
    assertRefused(new TlsFiles(good.certificate(), good.key(), none), "tls.ca", "none.pem");
    assertRefused(new TlsFiles(good.certificate(), good.key(), empty), "tls.ca", "no certificate");
    assertRefused(new TlsFiles(good.certificate(), empty, good.ca()), "tls.key", "no private key");
    assertRefused(
        new TlsFiles(good.certificate(), other.key(), good.ca()),
        "tls.key",
        "is not the key of the certificate in tls.certificate");
    for (String kind : List.of("ENCRYPTED ", "RSA ", "EC ")) {
      Path key =
          Files.writeString(
              folder.resolve("unread.key"),
              Files.readString(good.key()).replace("PRIVATE KEY", kind + "PRIVATE KEY"));
      assertRefused(
          new TlsFiles(good.certificate(), key, good.ca()),
          "tls.key",
          "not PKCS#8 without a password");
    }
    assertRefused(ca.issueExpired("order-svc"), "tls.certificate", "expired at", "renew it");
    good.read();
  }

  private static void assertRefused(TlsFiles files, String... words) {
    assertThatThrownBy(files::read).isInstanceOf(TlsException.class).hasMessageContainingAll(words);
  }
}
