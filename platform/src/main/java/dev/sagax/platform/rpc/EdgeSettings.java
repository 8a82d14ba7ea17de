package dev.sagax.platform.rpc;

import dev.sagax.proto.auth.v1.MethodClass;
import java.util.Map;
import java.util.Set;

/**
 * How an edge is set.
 *
 * @param reflection whether it tells clients what there is to call
 * @param limits how often an account may call, by class; a class that is not named has no limit
 * @param origins the origins whose pages may call from a browser, {@code *} for all
 * @param bounds how much of everything there may be at once
 */
public record EdgeSettings(
    boolean reflection, Map<MethodClass, RateLimit> limits, Set<String> origins, Bounds bounds) {

  /** Reflection, no limits, no browsers. */
  public static final EdgeSettings DEFAULT =
      new EdgeSettings(true, Map.of(), Set.of(), Bounds.DEFAULT);

  /**
   * What must have an end. Above it a call or connection is refused at once, not queued.
   *
   * @param calls that are answered once and are under way, without those for health
   * @param streams that are open
   * @param connections that are open, from their accept on
   * @param callsPerConnection streams of one HTTP/2 connection
   * @param pings that a client may send within ten seconds; some send one with all they read, to
   *     measure the line
   * @param idleSeconds after which a connection that asks for nothing is closed
   * @param requestMillis that a client may take to send a request that has begun
   * @param silence how long a connection may be silent
   */
  public record Bounds(
      int calls,
      int streams,
      int connections,
      int callsPerConnection,
      int pings,
      int idleSeconds,
      long requestMillis,
      Silence silence) {
    public static final Bounds DEFAULT =
        new Bounds(20_000, 5_000, 10_000, 1_000, 50_000, 600, 30_000, Silence.DEFAULT);
  }

  /**
   * How long a connection may be silent before it is taken for lost, and closed.
   *
   * @param firstRequestMillis from its accept to its first request
   * @param pingMillis after which a client is asked, over HTTP/2, whether it is still there
   * @param pongMillis that it may take to answer
   */
  public record Silence(long firstRequestMillis, long pingMillis, long pongMillis) {
    public static final Silence DEFAULT = new Silence(30_000, 20_000, 10_000);
  }
}
