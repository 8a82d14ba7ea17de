package dev.sagax.platform.rpc;

import io.vertx.core.Context;

/**
 * What the health service answers. Filled in by the platform and the service as dependencies come
 * and go.
 */
public interface Health {

  /**
   * Something readiness depends on: "kafka", "postgres", "redis", "partition 3"; ready only while
   * all are up.
   */
  void report(String dependency, boolean up, String detail);

  /**
   * Watches an event loop: liveness fails while it is stuck.
   *
   * @return ends the watch
   */
  default Runnable watchLoop(Context context) {
    return () -> {};
  }

  /**
   * Something that a person has to look at while the service does its work: it is logged and can be
   * asked for by name, but readiness does not depend on it.
   *
   * @param name of the health service that says NOT_SERVING while the alarm sounds
   * @param detail why it sounds, a whole sentence
   */
  default void alarm(String name, boolean sounds, String detail) {}

  /** The same health, told by one part of the service: its dependencies bear the part's name. */
  default Health of(String part) {
    Health whole = this;
    return new Health() {
      @Override
      public void report(String dependency, boolean up, String detail) {
        whole.report(part + " " + dependency, up, detail);
      }

      @Override
      public void loading(String dependency) {
        whole.loading(part + " " + dependency);
      }

      @Override
      public Runnable watchLoop(Context context) {
        return whole.watchLoop(context);
      }

      @Override
      public void alarm(String name, boolean sounds, String detail) {
        whole.alarm(name, sounds, detail);
      }
    };
  }

  /** Something that is not up yet, as is expected while it starts. */
  default void loading(String dependency) {
    report(dependency, false, "loading");
  }
}
