package dev.sagax.local.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes a share of all batches fail in one of several ways. Shared by the handlers of several
 * threads.
 */
class Trouble {
  static final Trouble NONE = new Trouble(new Random(0), 0);

  private final Random random;
  private final double share;
  private final AtomicInteger made = new AtomicInteger();

  /**
   * @param share of the batches that meet each kind of trouble
   */
  Trouble(Random random, double share) {
    this.random = random;
    this.share = share;
  }

  /** How often there was trouble. */
  int made() {
    return made.get();
  }

  void beforeDeciding() {
    if (strikes()) {
      throw new IllegalStateException("Thrown by the test before the batch was decided");
    }
  }

  Future<Void> afterDeciding(SqlClient db) {
    if (strikes()) {
      return Future.failedFuture(new IOException("Failed by the test after the batch was decided"));
    }
    if (strikes()) {
      return loseConnection(db).transform(lost -> Future.succeededFuture());
    }
    if (strikes()) {
      loseConnection(db); // is on its way when the transaction is sent
    }
    return Future.succeededFuture();
  }

  private static Future<?> loseConnection(SqlClient db) {
    return db.query("select pg_terminate_backend(pg_backend_pid())").execute();
  }

  private boolean strikes() {
    synchronized (random) {
      boolean now = random.nextDouble() < share;
      if (now) {
        made.incrementAndGet();
      }
      return now;
    }
  }
}
