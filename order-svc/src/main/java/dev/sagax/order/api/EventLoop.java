package dev.sagax.order.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/** The way back from the threads of the broker's client. */
final class EventLoop {
  private EventLoop() {}

  /**
   * The same future, but whoever listens to it is called on the caller's event loop; failed with
   * whatever is thrown instead of giving one.
   */
  static <T> Future<T> back(Vertx vertx, Supplier<Future<T>> elsewhere) {
    Context here = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    try {
      elsewhere.get().onComplete(result -> here.runOnContext(back -> promise.handle(result)));
    } catch (RuntimeException thrown) {
      promise.fail(thrown);
    }
    return promise.future();
  }
}
