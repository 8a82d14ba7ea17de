package dev.sagax.platform.rpc;

import io.vertx.core.Future;

/** Looks again at a token that something still depends on. */
interface TokenWatch {
  /** Of what depends on no token. */
  TokenWatch NONE =
      new TokenWatch() {
        @Override
        public Runnable onNewKeys(Runnable told) {
          return () -> {};
        }

        @Override
        public Future<?> look() {
          return Future.succeededFuture();
        }
      };

  /**
   * @param told whenever the keys of tokens have changed, so that it is time to look; on any thread
   * @return ends the watch
   */
  Runnable onNewKeys(Runnable told);

  /**
   * Verifies the token once more. Fails with what it would be refused with; also fails while nobody
   * can say.
   */
  Future<?> look();
}
