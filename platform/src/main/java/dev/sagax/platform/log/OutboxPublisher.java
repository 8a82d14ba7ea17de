package dev.sagax.platform.log;

import dev.sagax.platform.log.StepFaults.Boundary;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
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
  private final SagaProducer producer;
  private final int partition;
  private final StepFaults faults;
  private final Consumer<Boolean> onPublishing;
  private volatile boolean closed;

  /**
   * @param onPublishing told true after a publication succeeded, false after every failed attempt
   */
  OutboxPublisher(
      Vertx vertx,
      Context context,
      SagaProducer producer,
      int partition,
      StepFaults faults,
      Consumer<Boolean> onPublishing) {
    this.faults = faults;
    this.onPublishing = onPublishing;
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
    Promise<Void> published = Promise.promise();
    publish(records, FIRST_PAUSE_MILLIS, published);
    return published.future();
  }

  /** One promise for all attempts: a chain of futures as long as an outage overflows the stack. */
  private void publish(List<OutboxRecord> records, long pauseMillis, Promise<Void> published) {
    if (records.isEmpty()) {
      published.complete();
      return;
    }
    Future.succeededFuture()
        .compose(v -> send(records))
        .onSuccess(
            n -> goOn(List.copyOf(records.subList(n, records.size())), pauseMillis, published))
        .onFailure(published::tryFail);
  }

  private void goOn(List<OutboxRecord> rest, long pauseMillis, Promise<Void> published) {
    if (rest.isEmpty()) {
      onPublishing.accept(true);
      published.complete();
    } else if (closed) {
      published.fail("Stopped with " + rest.size() + " records to publish");
    } else {
      onPublishing.accept(false);
      long next = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS);
      vertx.setTimer(pauseMillis, t -> publish(rest, next, published));
    }
  }

  /** How many records from the first on are acknowledged. */
  private Future<Integer> send(List<OutboxRecord> records) {
    int half = records.size() / 2;
    if (half == 0 || !faults.isArmed(Boundary.MID_PUBLISH)) {
      return sendAll(records);
    }
    return sendAll(records.subList(0, half))
        .map(acknowledged -> {
          faults.pass(Boundary.MID_PUBLISH, records.size() - acknowledged);
          return acknowledged;
        });
  }

  private Future<Integer> sendAll(List<OutboxRecord> records) {
    int n = records.size();
    Promise<Integer> answered = Promise.promise();
    AtomicInteger open = new AtomicInteger(n);
    AtomicLongArray offsets = new AtomicLongArray(n);
    for (int i = 0; i < n; i++) {
      int index = i;
      producer.send(
          records.get(i).toProducerRecord(partition),
          (metadata, failure) -> {
            if (failure == null) {
              offsets.set(index, metadata.offset() + 1);
            } else if (index == 0) {
              LOG.warn(
                  "A record was not acknowledged and is published again: {}", failure.toString());
            }
            if (open.decrementAndGet() == 0) {
              context.runOnContext(v -> answered.complete(prefix(records, offsets)));
            }
          });
    }
    return answered.future();
  }

  /**
   * A record counts only behind its predecessor: a broker that does not know the producer yet takes
   * its second batch although the first was refused, and readers ignore what came too early.
   */
  private static int prefix(List<OutboxRecord> records, AtomicLongArray offsets) {
    Map<Topic, Long> last = new EnumMap<>(Topic.class);
    int length = 0;
    while (length < offsets.length()
        && offsets.get(length) > last.getOrDefault(records.get(length).topic(), 0L)) {
      last.put(records.get(length).topic(), offsets.get(length));
      length++;
    }
    return length;
  }

  void close() {
    closed = true;
  }
}
