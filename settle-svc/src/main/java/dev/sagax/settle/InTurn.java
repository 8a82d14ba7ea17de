package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;

/** Work that waits for the work before it. */
final class InTurn {
  private InTurn() {}

  /** Does one after the other; the first failure ends it. */
  static Future<Void> all(List<Supplier<Future<Void>>> works) {
    Future<Void> done = Future.succeededFuture();
    for (Supplier<Future<Void>> work : works) {
      done = done.compose(v -> work.get());
    }
    return done;
  }
}
