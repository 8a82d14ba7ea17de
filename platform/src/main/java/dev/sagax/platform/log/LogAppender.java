package dev.sagax.platform.log;

import com.google.protobuf.MessageLite;
import io.vertx.core.Future;

/** Appends instructions of clients to the topics that have many writers. */
public interface LogAppender {

  /**
   * Appends one record with acks=all.
   *
   * @return its offset; fails with a refusal OUTCOME_UNKNOWN when the broker did not acknowledge in
   *     time (the record may or may not be in the log), or DEPENDENCY_UNAVAILABLE when it surely
   *     was not sent
   */
  Future<Long> append(Topic topic, int partition, String key, MessageLite message);
}
