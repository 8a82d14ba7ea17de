package dev.sagax.match.api;

import com.google.protobuf.Message;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.platform.stream.Cursor;
import dev.sagax.platform.stream.LogStream;
import dev.sagax.platform.stream.LogTail;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one client watches of one market: records of a topic from a position on, each once. Pauses
 * while the client is behind.
 *
 * @param <T> a record as the tail decodes it
 */
abstract class MarketWatch<T, R extends Message> implements LogStream.Listener<T> {
  final Market market;
  final StreamSink<R> sink;
  private final LogTail<T> tail;
  private final List<String> name;
  private LogStream<T> stream;

  /** The last position that a message has told the client of. */
  private long told;

  /**
   * @param method of the service, whose cursors these are
   */
  MarketWatch(String method, Market market, LogTail<T> tail, StreamSink<R> sink) {
    this.market = market;
    this.sink = sink;
    this.tail = tail;
    this.name = List.of(method, market.name());
    sink.onClosed(this::close);
  }

  /** What a record says, and what the silence says when there is none. */
  abstract R message(long first, long last, Optional<T> record);

  /** The position of a cursor; empty for one with which the stream begins anew. */
  final Optional<Long> position(String cursor) {
    return Cursor.read(name, Set.of(market.partition()), cursor)
        .map(read -> read.positions().get(market.partition()));
  }

  /** The cursor of a message with which the stream begins anew. */
  final String anew() {
    return Cursor.ANEW.text(name);
  }

  final String cursor(long position) {
    return new Cursor(Map.of(market.partition(), position)).text(name);
  }

  /**
   * Tells of all records after a position.
   *
   * @param given the last number that was given out
   */
  final void follow(long after, long given) {
    if (sink.isClosed()) {
      return;
    }
    told = after;
    stream =
        tail.follow(
            new Cursor(Map.of(market.partition(), after)),
            new Cursor(Map.of(market.partition(), given)),
            market.name(),
            this);
    if (sink.isClosed()) {
      close();
      return;
    }
    sink.onDrain(stream::goOn);
    sink.heartbeat(() -> next(stream, Optional.empty()));
  }

  private R next(LogStream<T> at, Optional<T> record) {
    long first = told + 1;
    told = at.cursor().positions().get(market.partition());
    return message(first, told, record);
  }

  @Override
  public void onRecord(LogStream<T> at, T record) {
    sink.write(next(at, Optional.of(record)));
  }

  @Override
  public boolean isFull() {
    return sink.isFull();
  }

  @Override
  public void onFailure(Throwable why) {
    sink.fail(why);
  }

  private void close() {
    if (stream != null) {
      stream.close();
    }
  }
}
