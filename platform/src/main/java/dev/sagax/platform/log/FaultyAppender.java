package dev.sagax.platform.log;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import io.vertx.core.Future;

/** An API's appends with a fault point on either side. */
public final class FaultyAppender implements LogAppender {
  private final LogAppender log;
  private final FaultInjector faults;
  private final FaultPoint before;
  private final FaultPoint after;

  public FaultyAppender(
      LogAppender log, FaultInjector faults, FaultPoint before, FaultPoint after) {
    this.log = log;
    this.faults = faults;
    this.before = before;
    this.after = after;
  }

  @Override
  public Future<Long> append(Topic topic, int partition, String key, MessageLite message) {
    faults.pass(before, 1);
    return log.append(topic, partition, key, message)
        .map(offset -> {
          faults.pass(after, 1);
          return offset;
        });
  }
}
