package dev.sagax.platform.metrics;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Figures that cost a query: looked at again and again, never because somebody reads the metrics. A
 * look that took long is not repeated soon, so that all looks together take a twentieth of the time
 * at most. One that fails leaves the figures as they were; how old they are is told.
 */
public final class Looks {
  private static final Logger LOG = LoggerFactory.getLogger(Looks.class);
  private static final long PAUSE_MILLIS = 10_000;
  private static final int PAUSE_TIMES_AS_LONG = 20;
  private static final long LONGEST_SECONDS = 90;

  private final Vertx vertx;
  private final String figures;
  private final Supplier<Future<Void>> look;
  private volatile long lookedNanos = System.nanoTime();

  private Looks(Vertx vertx, String figures, Supplier<Future<Void>> look) {
    this.vertx = vertx;
    this.figures = figures;
    this.look = look;
  }

  /**
   * Begins to look, at once, on the caller's event loop and for as long as its verticle is there.
   *
   * @param figures what is looked at, for the metric that says how old it is
   */
  public static void start(
      Vertx vertx, Metrics metrics, String figures, Supplier<Future<Void>> look) {
    Looks looks = new Looks(vertx, figures, look);
    metrics.gauge(
        "sagax_figures_age_seconds",
        "How long ago figures were looked up that cost a query; since the start if never.",
        () -> (System.nanoTime() - looks.lookedNanos) / 1e9,
        "figures",
        figures);
    looks.look();
  }

  private void look() {
    long began = System.nanoTime();
    Future.succeededFuture()
        .compose(v -> look.get())
        .timeout(LONGEST_SECONDS, TimeUnit.SECONDS)
        .onSuccess(v -> lookedNanos = System.nanoTime())
        .onFailure(e -> LOG.debug("The figures of {} stay as they were: {}", figures, e.toString()))
        .onComplete(done -> lookLater(System.nanoTime() - began));
  }

  private void lookLater(long tookNanos) {
    long took = TimeUnit.NANOSECONDS.toMillis(tookNanos);
    vertx.setTimer(Math.max(PAUSE_MILLIS, took * PAUSE_TIMES_AS_LONG), t -> look());
  }
}
