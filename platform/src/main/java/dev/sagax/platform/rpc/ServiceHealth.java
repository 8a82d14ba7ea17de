package dev.sagax.platform.rpc;

import dev.sagax.platform.metrics.LoopDelays;
import dev.sagax.platform.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The health of one service. Ready: started, not stopping, all that was ever reported is up, and no
 * event loop is stuck. Alive: no event loop is stuck. An alarm changes neither. Safe on any thread.
 *
 * <p>An event loop is stuck when its heartbeat, due every second, is more than 5 s late. Each loop
 * that is watched looks at all the others with its own beat; so a stuck loop is seen as long as one
 * of them runs, and when none runs, the health call itself is not answered, which says the same.
 */
public final class ServiceHealth implements Health {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceHealth.class);
  private static final String LOADING = "loading";
  private static final long BEAT_MILLIS = 1_000;
  private static final long STUCK_MILLIS = 5_000;

  private final Vertx vertx;
  private final Map<String, String> down = new ConcurrentHashMap<>();
  private final Map<String, Boolean> alarms = new ConcurrentHashMap<>();
  private final Set<String> shown = ConcurrentHashMap.newKeySet();
  private final Metrics metrics;
  private final LoopDelays delays;
  private final List<Heart> hearts = new CopyOnWriteArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean started;
  private volatile boolean stopping;

  public ServiceHealth(Vertx vertx) {
    this(vertx, new Metrics());
  }

  /**
   * @param metrics where readiness, each dependency and the delays of the event loops are shown
   */
  public ServiceHealth(Vertx vertx, Metrics metrics) {
    this.vertx = vertx;
    this.metrics = metrics;
    this.delays = new LoopDelays().in(metrics);
    metrics.gauge("sagax_ready", "1 while the service is ready.", () -> isReady() ? 1 : 0);
  }

  private void show(String dependency) {
    if (shown.add(dependency)) {
      metrics.gauge(
          "sagax_dependency_up",
          "1 while what readiness depends on is up.",
          () -> down.containsKey(dependency) ? 0 : 1,
          "dependency",
          dependency);
    }
  }

  /** The service is assembled: from now on its dependencies decide. */
  public void started() {
    started = true;
    tellListeners();
  }

  /** The service is about to go: it is never ready again. */
  public void stopping() {
    stopping = true;
    tellListeners();
  }

  @Override
  public void loading(String dependency) {
    show(dependency);
    if (!LOADING.equals(down.put(dependency, LOADING))) {
      LOG.atInfo().addKeyValue("dependency", dependency).log("A dependency is loading");
      tellListeners();
    }
  }

  @Override
  public void report(String dependency, boolean up, String detail) {
    show(dependency);
    String text = Objects.requireNonNullElse(detail, "");
    String before = up ? down.remove(dependency) : down.put(dependency, text);
    if (up == (before == null) && !LOADING.equals(before)) {
      return; // it was like that already
    }
    var event = up ? LOG.atInfo() : LOG.atWarn();
    event
        .addKeyValue("dependency", dependency)
        .addKeyValue("detail", text)
        .log(up ? "A dependency is up" : "A dependency is away");
    tellListeners();
  }

  @Override
  public void alarm(String name, boolean sounds, String detail) {
    boolean sounded = Boolean.TRUE.equals(alarms.put(name, sounds));
    if (sounds == sounded) {
      return;
    }
    var event = sounds ? LOG.atWarn() : LOG.atInfo();
    event
        .addKeyValue("alarm", name)
        .addKeyValue("detail", Objects.requireNonNullElse(detail, ""))
        .log(sounds ? "An alarm sounds" : "An alarm is over");
    tellListeners();
  }

  /** Whether an alarm of this name sounds; empty if there is none of this name. */
  Optional<Boolean> sounds(String name) {
    return Optional.ofNullable(alarms.get(name));
  }

  /** What is away, with its detail, by name. */
  public Map<String, String> down() {
    return new TreeMap<>(down);
  }

  public boolean isReady() {
    return started && !stopping && down.isEmpty() && isAlive();
  }

  public boolean isAlive() {
    for (Heart heart : hearts) {
      if (heart.isStuck()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Watches the event loop of a context.
   *
   * @return ends the watch; to be called before the context's verticle is undeployed
   */
  @Override
  public Runnable watchLoop(Context context) {
    var heart = new Heart();
    hearts.add(heart);
    Runnable endDelays = delays.watch(context);
    context.runOnContext(v -> heart.start());
    return () -> {
      heart.stop();
      endDelays.run();
    };
  }

  /** Calls a listener, on any thread, after everything that may have changed the health. */
  Runnable onChange(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  private void tellListeners() {
    listeners.forEach(Runnable::run);
  }

  /** The beat of one event loop. */
  private final class Heart {
    private volatile long lastBeatNanos = System.nanoTime();
    private volatile long timer = -1;
    private volatile boolean stopped;
    private boolean sawStuck;

    void start() {
      lastBeatNanos = System.nanoTime();
      if (!stopped) {
        timer = vertx.setPeriodic(BEAT_MILLIS, t -> beat());
      }
    }

    void stop() {
      stopped = true;
      hearts.remove(this);
      vertx.cancelTimer(timer);
    }

    boolean isStuck() {
      long silentMillis = (System.nanoTime() - lastBeatNanos) / 1_000_000;
      return silentMillis > BEAT_MILLIS + STUCK_MILLIS;
    }

    private void beat() {
      lastBeatNanos = System.nanoTime();
      boolean stuck = !isAlive();
      if (stuck != sawStuck) {
        sawStuck = stuck;
        LOG.warn(stuck ? "An event loop is stuck" : "No event loop is stuck any more");
        tellListeners();
      }
    }
  }
}
