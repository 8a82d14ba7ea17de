package dev.sagax.platform.stream;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.LogView;
import dev.sagax.platform.log.Topic;
import io.vertx.core.AsyncResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream over a topic: the records of its key, of each partition in the order of their numbers,
 * each once. Lives on the tail's event loop.
 *
 * <p>For each partition that it follows:
 *
 * <pre>
 *   READING --it has seen all that the tail has--> LIVE --a record comes too early--> READING
 *   READING, LIVE --its listener is full--> PAUSED --goOn()--> READING
 * </pre>
 */
public final class LogStream<T> {
  private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;
  private static final long UNKNOWN = -1;

  private final LogTail<T> tail;
  private final String key;
  private final Listener<T> listener;
  private final Map<Integer, Place> places = new TreeMap<>();
  private boolean closed;

  /** Who is told. */
  public interface Listener<T> {
    /** The next record; {@link LogStream#cursor} is where it stands with it. */
    void onRecord(LogStream<T> stream, T record);

    /** Whether to stop until {@link LogStream#goOn}. */
    boolean isFull();

    /** The stream is over: its cursor has expired, or a record cannot be read. */
    void onFailure(Throwable why);
  }

  private enum State {
    READING,
    LIVE,
    PAUSED
  }

  /** Where it stands in one partition. */
  private static final class Place {
    final int partition;

    /** The last record that it has seen; when live, the tail's last one if that is later. */
    long last;

    /** The last number that was given out when the stream was asked for. */
    final long given;

    State state = State.PAUSED;

    /** Where to read on; UNKNOWN to look for it. */
    long offset = UNKNOWN;

    /** Whether a search has led it behind a gap, so that it has to read all that there is. */
    boolean thorough;

    boolean underWay;
    long pauseMillis = FIRST_PAUSE_MILLIS;

    Place(int partition, long last, long given) {
      this.partition = partition;
      this.last = last;
      this.given = given;
    }
  }

  /** A record of its key, or none where other records were passed by. */
  private record Item<T>(long position, long offset, T record) {}

  private record Items<T>(
      List<Item<T>> wanted, long last, long nextOffset, boolean atEnd, boolean behindAGap) {}

  LogStream(LogTail<T> tail, Cursor after, Cursor given, String key, Listener<T> listener) {
    this.tail = tail;
    this.key = key;
    this.listener = listener;
    after
        .positions()
        .forEach((partition, last) ->
            places.put(partition, new Place(partition, last, given.positions().get(partition))));
  }

  String key() {
    return key;
  }

  /** Where it stands: all that it wants up to there was told. */
  public Cursor cursor() {
    Map<Integer, Long> positions = new HashMap<>();
    places.values().forEach(place -> positions.put(place.partition, positionOf(place)));
    return new Cursor(positions);
  }

  private long positionOf(Place place) {
    return place.state == State.LIVE
        ? Math.max(place.last, tail.recent(place.partition).last())
        : place.last;
  }

  /** Goes on where it had to pause. */
  public void goOn() {
    places.values().stream().filter(place -> place.state == State.PAUSED).forEach(this::advance);
  }

  /** Tells nothing any more. */
  public void close() {
    closed = true;
    places.values().forEach(place -> tail.leave(place.partition, this));
  }

  void fail(Throwable why) {
    if (!closed) {
      close();
      listener.onFailure(why);
    }
  }

  /** The tail has its next record. */
  void onLive(int partition, long position, T record) {
    Place place = places.get(partition);
    if (closed || place.state != State.LIVE || position <= place.last) {
      return;
    }
    if (listener.isFull()) {
      leave(place, position - 1, State.PAUSED);
    } else {
      listener.onRecord(this, record);
    }
  }

  /**
   * The tail is going to deliver a record without having seen the one before it.
   *
   * @param before the last that it had seen until then, -1 for none
   */
  void onGap(int partition, long before, long position) {
    Place place = places.get(partition);
    long seen = Math.max(place.last, before);
    if (!closed && place.state == State.LIVE && seen + 1 < position) {
      leave(place, seen, State.READING);
      advance(place);
    }
  }

  private void leave(Place place, long last, State state) {
    tail.leave(place.partition, this);
    place.last = last;
    place.offset = UNKNOWN;
    place.state = state;
  }

  private void advance(Place place) {
    if (closed || place.underWay || place.state == State.LIVE) {
      return;
    }
    place.state = State.READING;
    Recent recent = tail.recent(place.partition);
    try {
      if (!recent.continues(place.last)) {
        read(place);
      } else if (tell(place, recent)) {
        join(place);
      }
    } catch (RuntimeException unreadable) {
      fail(unreadable);
    }
  }

  private void join(Place place) {
    place.state = State.LIVE;
    tail.join(place.partition, this);
  }

  /** False if it had to stop before it was through. */
  private boolean tell(Place place, Recent recent) {
    for (LogRecord record : recent.after(place.last)) {
      T decoded = tail.decoder().decode(record);
      if (tail.decoder().keyOf(decoded).equals(key) && !tell(place, record.position(), decoded)) {
        return false;
      }
      place.last = record.position();
    }
    return true;
  }

  private boolean tell(Place place, long position, T record) {
    if (listener.isFull()) {
      place.state = State.PAUSED;
      return false;
    }
    place.last = position;
    listener.onRecord(this, record);
    return !closed;
  }

  private void read(Place place) {
    long after = place.last;
    long offset = place.offset;
    boolean thorough = place.thorough;
    place.underWay = true;
    tail.reader()
        .read(view -> toItems(readPage(view, place, after, offset, thorough), after))
        .onComplete(read -> {
          place.underWay = false;
          if (!closed) {
            onRead(place, read);
          }
        });
  }

  private LogPage readPage(LogView view, Place place, long after, long offset, boolean thorough) {
    Topic topic = tail.topic();
    int partition = place.partition;
    long from = offset;
    if (from < view.begin(topic, partition)) {
      from =
          thorough
              ? LogPage.lowest(view, topic, partition, after, place.given)
              : LogPage.seek(view, topic, partition, after, place.given);
    }
    return LogPage.read(view, topic, partition, after, from);
  }

  private Items<T> toItems(LogPage page, long after) {
    List<Item<T>> wanted = new ArrayList<>();
    for (LogRecord record : page.records()) {
      T decoded = tail.decoder().decode(record);
      if (tail.decoder().keyOf(decoded).equals(key)) {
        wanted.add(new Item<>(record.position(), record.offset(), decoded));
      }
    }
    long last = page.records().isEmpty() ? after : page.records().getLast().position();
    return new Items<>(wanted, last, page.nextOffset(), page.atEnd(), page.behindAGap());
  }

  private void onRead(Place place, AsyncResult<Items<T>> read) {
    if (read.succeeded()) {
      place.pauseMillis = FIRST_PAUSE_MILLIS;
      onItems(place, read.result());
    } else if (read.cause() instanceof KafkaException away) {
      LOG.debug("A stream waits for the broker: {}", away.toString());
      place.offset = UNKNOWN;
      later(place);
    } else {
      fail(read.cause());
    }
  }

  private void onItems(Place place, Items<T> items) {
    long before = place.last;
    for (Item<T> item : items.wanted) {
      if (!tell(place, item.position, item.record)) {
        place.last = Math.max(place.last, item.position - 1);
        place.offset = item.offset;
        return;
      }
    }
    place.thorough &= items.last == before;
    place.last = items.last;
    place.offset = items.nextOffset;
    if (items.behindAGap && !place.thorough) {
      place.thorough = true;
      place.offset = UNKNOWN;
      advance(place);
    } else if (items.atEnd && !tail.recent(place.partition).isKnown()) {
      join(place);
    } else if (items.atEnd && !tail.recent(place.partition).continues(place.last)) {
      later(place); // what comes next was sent behind its successors, and will be sent again
    } else {
      advance(place);
    }
  }

  private void later(Place place) {
    place.underWay = true;
    tail.pause()
        .then(
            place.pauseMillis,
            () -> {
              place.underWay = false;
              advance(place);
            });
    place.pauseMillis = Math.min(place.pauseMillis * 2, LONGEST_PAUSE_MILLIS);
  }
}
