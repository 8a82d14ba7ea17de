package dev.sagax.platform.tls;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Certificates that may be renewed while the process runs: looks at what the files hold every few
 * seconds, as a mounted Secret changes without any event. New ones that cannot be used are said in
 * the log, once, and the ones before stay in use. Safe on any thread.
 */
public final class TlsWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsWatch.class);
  private static final long LOOK_MILLIS = 5_000;

  private final Vertx vertx;
  private final TlsFiles files;
  private final List<Consumer<TlsMaterial>> listeners = new CopyOnWriteArrayList<>();
  private final long timer;
  private volatile TlsMaterial current;
  private String trouble = "";
  private boolean told;

  private TlsWatch(Vertx vertx, TlsFiles files, long lookMillis) {
    this.vertx = vertx;
    this.files = files;
    this.current = files.read();
    this.timer = vertx.setPeriodic(lookMillis, t -> vertx.executeBlocking(this::look));
  }

  /**
   * Reads the files, and again from then on. Blocking.
   *
   * @throws TlsException if they cannot be used
   */
  public static TlsWatch start(Vertx vertx, TlsFiles files) {
    return start(vertx, files, LOOK_MILLIS);
  }

  /** As the other, with another pause between two looks. */
  public static TlsWatch start(Vertx vertx, TlsFiles files, long lookMillis) {
    return new TlsWatch(vertx, files, lookMillis);
  }

  /** What is in use. */
  public TlsMaterial current() {
    return current;
  }

  /**
   * Hands over what comes into use after this, on a worker thread. A listener that fails keeps it
   * out of use, and gets it again.
   */
  public void onChange(Consumer<TlsMaterial> listener) {
    listeners.add(listener);
  }

  /** Until the certificate in use ends; below 0 once it has. */
  public double secondsLeft() {
    return Duration.between(Instant.now(), current.expires()).toMillis() / 1_000.0;
  }

  private synchronized Void look() {
    try {
      TlsFiles.Content content = files.content();
      if (current.isOf(content)) {
        current.requireInForce();
      } else {
        use(TlsMaterial.of(files, content));
      }
      trouble = "";
    } catch (TlsException unusable) {
      tell(unusable.getMessage());
    } catch (RuntimeException unusable) {
      tell("The renewed certificate cannot be used: " + unusable);
    }
    return null;
  }

  /** It is in use once everybody has taken it; until then each look tries again. */
  private void use(TlsMaterial renewed) {
    TlsMaterial before = current;
    current = renewed;
    try {
      listeners.forEach(listener -> listener.accept(renewed));
    } catch (RuntimeException unusable) {
      current = before;
      throw unusable;
    }
    LOG.info("A renewed certificate is in use: {}", renewed);
  }

  /** Files that are just being replaced do not fit each other for a moment: that is no trouble. */
  private void tell(String sentence) {
    if (!sentence.equals(trouble)) {
      trouble = sentence;
      told = false;
    } else if (!told) {
      told = true;
      LOG.warn("The certificate of before stays in use, until {}: {}", current.expires(), sentence);
    }
  }

  @Override
  public void close() {
    vertx.cancelTimer(timer);
  }
}
