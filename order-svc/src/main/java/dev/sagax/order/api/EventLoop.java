package dev.sagax.order.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/** The way back from the threads of the broker's client. */
final class EventLoop {
  private EventLoop() {}

  /** The same future, but whoever listens to it is called on the caller's event loop. */
  static <T> Future<T> back(Vertx vertx, Future<T> elsewhere) {
    Context here = vertx.getOrCreateContext();
    Promise<T> promise = Promise.promise();
    elsewhere.onComplete(result -> here.runOnContext(back -> promise.handle(result)));
    return promise.future();
  }
}
