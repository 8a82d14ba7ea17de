package dev.sagax.platform.rpc;

import dev.sagax.proto.auth.v1.MethodClass;
import io.vertx.core.Future;

/** The buckets of all accounts, shared by all replicas. */
interface Buckets {

  /**
   * Takes tokens out of a bucket.
   *
   * @param owed what was spent on credit: taken whether it is there or not
   * @param wanted how many more, at least 1, as far as they are there
   */
  Future<Taken> take(
      String account, MethodClass methodClass, RateLimit limit, int owed, int wanted);

  /**
   * What a bucket gave.
   *
   * @param granted from 0 to what was wanted
   * @param left what is in it now; below 0 while what was owed is not back
   * @param nextMillis when the next token is there, if none is left
   */
  record Taken(int granted, int left, long nextMillis) {}
}
