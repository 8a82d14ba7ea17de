package dev.sagax.platform.stream;

import dev.sagax.platform.log.LogReader;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A numbered topic as many streams follow it: one follower of the log feeds all that are live, the
 * last records are at hand for those that come back soon, and what is older is read from the log.
 * Lives on one event loop.
 *
 * @param <T> a record as the streams see it
 */
public final class LogTail<T> {
  private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
  private static final int RECENT = 2_000;

  private final Pause pause;
  private final Topic topic;
  private final LogReader reader;
  private final Decoder<T> decoder;
  private final List<Partition> partitions;

  /** Waits. */
  interface Pause {
    void then(long millis, Runnable goOn);
  }

  /** Reads the topic's records. Also called on another thread. */
  public interface Decoder<T> {
    /** Throws what the streams then end with, if the record cannot be read. */
    T decode(LogRecord record);

    /** Whose record it is: only streams of this key are told of it. */
    String keyOf(T record);
  }

  /**
   * @param reader for what the follower did not see; one reading after the other
   */
  public LogTail(Vertx vertx, Topic topic, int partitions, LogReader reader, Decoder<T> decoder) {
    this(
        (millis, goOn) -> vertx.setTimer(millis, t -> goOn.run()),
        topic,
        partitions,
        reader,
        decoder,
        RECENT);
  }

  /**
   * @param recent how many records of a partition are at hand
   */
  LogTail(
      Pause pause, Topic topic, int partitions, LogReader reader, Decoder<T> decoder, int recent) {
    if (!topic.numbered()) {
      throw new IllegalArgumentException("The records of " + topic + " have no numbers.");
    }
    this.pause = pause;
    this.topic = topic;
    this.reader = reader;
    this.decoder = decoder;
    this.partitions = IntStream.range(0, partitions).mapToObj(p -> new Partition(recent)).toList();
  }

  /**
   * Reads the last records, for the streams that come back after a restart. Without it, and while
   * the broker is away, they are read when they are asked for; so it always succeeds.
   */
  public Future<Void> start() {
    List<Future<List<LogRecord>>> readings = new ArrayList<>();
    for (int p = 0; p < partitions.size(); p++) {
      int partition = p;
      readings.add(
          reader
              .read(view -> {
                long end = view.end(topic, partition);
                long begin = Math.max(view.begin(topic, partition), end - RECENT);
                return view.read(topic, partition, begin, RECENT);
              })
              .onSuccess(records -> partitions.get(partition).putBefore(records))
              .onFailure(e ->
                  LOG.debug("The last records are read later topic={} {}", topic, e.toString())));
    }
    return Future.join(readings).transform(done -> Future.succeededFuture());
  }

  /** What the follower of the log sees; records of other topics are no concern. */
  public void onRecord(LogRecord record) {
    if (record.topic() == topic) {
      partitions.get(record.partition()).onRecord(record);
    }
  }

  /**
   * Lets a stream follow from these positions on. The follower must have {@link
   * dev.sagax.platform.log.LogFollower#started} before. The listener may be called before this
   * returns.
   *
   * @param after where it stands, of each partition that it follows
   * @param given the numbers that were given out when it was asked for, of the same partitions
   * @param key whose records it wants
   */
  public LogStream<T> follow(
      Cursor after, Cursor given, String key, LogStream.Listener<T> listener) {
    LogStream<T> stream = new LogStream<>(this, after, given, key, listener);
    stream.goOn();
    return stream;
  }

  Pause pause() {
    return pause;
  }

  Topic topic() {
    return topic;
  }

  LogReader reader() {
    return reader;
  }

  Decoder<T> decoder() {
    return decoder;
  }

  Recent recent(int partition) {
    return partitions.get(partition).recent;
  }

  void join(int partition, LogStream<T> stream) {
    partitions
        .get(partition)
        .live
        .computeIfAbsent(stream.key(), k -> new LinkedHashSet<>())
        .add(stream);
  }

  void leave(int partition, LogStream<T> stream) {
    partitions
        .get(partition)
        .live
        .computeIfPresent(
            stream.key(),
            (key, streams) -> {
              streams.remove(stream);
              return streams.isEmpty() ? null : streams;
            });
  }

  /** One partition: what was seen last, and the streams that have seen all of it. */
  private final class Partition {
    private final Recent recent;
    private final Map<String, Set<LogStream<T>>> live = new HashMap<>();

    private Partition(int recent) {
      this.recent = new Recent(recent);
    }

    /** Whoever is live on a tail that has seen nothing yet must be told of all that it sees. */
    private void putBefore(List<LogRecord> older) {
      if (recent.isKnown() || live.isEmpty()) {
        recent.putBefore(older);
      }
    }

    private void onRecord(LogRecord record) {
      long before = recent.last();
      switch (recent.add(record)) {
        case REPEAT -> {}
        case NEXT -> deliver(record);
        case GAP -> {
          all().forEach(stream -> stream.onGap(record.partition(), before, record.position()));
          deliver(record);
        }
      }
    }

    private List<LogStream<T>> all() {
      List<LogStream<T>> all = new ArrayList<>();
      live.values().forEach(all::addAll);
      return all;
    }

    /** Read once for all. */
    private void deliver(LogRecord record) {
      if (live.isEmpty()) {
        return;
      }
      T decoded;
      try {
        decoded = decoder.decode(record);
      } catch (RuntimeException unreadable) {
        all().forEach(stream -> stream.fail(unreadable));
        return;
      }
      List.copyOf(live.getOrDefault(decoder.keyOf(decoded), Set.of()))
          .forEach(stream -> stream.onLive(record.partition(), record.position(), decoded));
    }
  }
}
