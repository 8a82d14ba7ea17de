package dev.sagax.platform.rpc;

/**
 * How an edge is set.
 *
 * @param reflection whether it tells clients what there is to call
 */
public record EdgeSettings(boolean reflection) {
  /** What a setting has that nobody gives. */
  public static final EdgeSettings DEFAULT = new EdgeSettings(true);
}
