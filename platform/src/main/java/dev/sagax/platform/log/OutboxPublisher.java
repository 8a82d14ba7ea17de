package dev.sagax.platform.log;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes committed records in the order of their numbers. After a failed send it publishes again
 * from the first unacknowledged record on, in order, also what was acknowledged after it: a reader
 * has ignored that as a gap.
 */
final class OutboxPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(OutboxPublisher.class);
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 2_000;

  private final Vertx vertx;
  private final Context context;
  private final Producer<byte[], byte[]> producer;
  private final int partition;
  private volatile boolean closed;

  OutboxPublisher(Vertx vertx, Context context, Producer<byte[], byte[]> producer, int partition) {
    this.vertx = vertx;
    this.context = context;
    this.producer = producer;
    this.partition = partition;
  }

  /**
   * Succeeds when all records are acknowledged; a broker that is away is waited for. Fails only
   * when closed.
   */
  Future<Void> publish(List<OutboxRecord> records) {
    return publish(records, FIRST_PAUSE_MILLIS);
  }

  private Future<Void> publish(List<OutboxRecord> records, long pauseMillis) {
    if (records.isEmpty()) {
      return Future.succeededFuture();
    }
    return sendAll(records)
        .compose(acknowledged ->
            acknowledged == records.size()
                ? Future.succeededFuture()
                : publishAgain(records.subList(acknowledged, records.size()), pauseMillis));
  }

  private Future<Void> publishAgain(List<OutboxRecord> rest, long pauseMillis) {
    if (closed) {
      return Future.failedFuture("Stopped with " + rest.size() + " records to publish");
    }
    return vertx
        .timer(pauseMillis)
        .compose(v -> publish(rest, Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS)));
  }

  /** How many records from the first on are acknowledged. */
  private Future<Integer> sendAll(List<OutboxRecord> records) {
    int n = records.size();
    Promise<Integer> answered = Promise.promise();
    AtomicInteger open = new AtomicInteger(n);
    AtomicIntegerArray acknowledged = new AtomicIntegerArray(n);
    for (int i = 0; i < n; i++) {
      int index = i;
      producer.send(
          records.get(i).toProducerRecord(partition),
          (metadata, failure) -> {
            if (failure == null) {
              acknowledged.set(index, 1);
            } else if (index == 0) {
              LOG.warn(
                  "A record was not acknowledged and is published again: {}", failure.toString());
            }
            if (open.decrementAndGet() == 0) {
              context.runOnContext(v -> answered.complete(prefix(acknowledged)));
            }
          });
    }
    return answered.future();
  }

  private static int prefix(AtomicIntegerArray acknowledged) {
    int length = 0;
    while (length < acknowledged.length() && acknowledged.get(length) == 1) {
      length++;
    }
    return length;
  }

  void close() {
    closed = true;
  }
}
