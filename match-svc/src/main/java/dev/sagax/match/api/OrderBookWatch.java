package dev.sagax.match.api;

import dev.sagax.match.LevelChange;
import dev.sagax.match.book.Side;
import dev.sagax.match.saga.BookUpdateEvents;
import dev.sagax.match.saga.BookUpdateEvents.BookUpdate;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.match.store.BookView;
import dev.sagax.match.store.PgBook;
import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.platform.stream.Cursor;
import dev.sagax.platform.stream.LogTail;
import dev.sagax.platform.stream.OutputNumbers;
import dev.sagax.proto.market.v1.MarketDataServiceGrpcService;
import dev.sagax.proto.market.v1.WatchOrderBookRequest;
import dev.sagax.proto.market.v1.WatchOrderBookResponse;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * {@code WatchOrderBook}: the book as it is committed, then the levels that change, as the log says
 * it. The rows of a book and the number of its last record in the log are of one commit; so what
 * the log has after that number is what has changed since.
 */
public final class OrderBookWatch {
  private static final int LEVELS_A_MESSAGE = 1_000;

  /** Whoever is further behind gets the book anew; it is less than all that happened to it. */
  private static final long MOST_BEHIND = 2_000;

  private final Markets markets;
  private final SqlClient db;
  private final PgBook book;
  private final OutputNumbers numbers =
      new OutputNumbers(MatchSaga.SCHEMA, MatchSaga.SERVICE, Topic.BOOK_UPDATED);
  private final LogTail<BookUpdate> tail;

  public OrderBookWatch(ServicePlatform platform, PgBook book) {
    this.markets = platform.markets();
    this.db = platform.db();
    this.book = book;
    this.tail =
        new LogTail<>(
            platform.vertx(),
            Topic.BOOK_UPDATED,
            platform.config().partitions(),
            platform.reader(),
            new Decoder());
  }

  private static final class Decoder implements LogTail.Decoder<BookUpdate> {
    @Override
    public BookUpdate decode(LogRecord record) {
      return BookUpdateEvents.decode(record);
    }

    @Override
    public String keyOf(BookUpdate update) {
      return update.market();
    }
  }

  /** What the log says is handed over here. */
  public LogTail<BookUpdate> tail() {
    return tail;
  }

  public void register(GrpcEdge edge) {
    edge.serverStream(MarketDataServiceGrpcService.WatchOrderBook, this::watch);
  }

  private void watch(
      Call call, WatchOrderBookRequest request, StreamSink<WatchOrderBookResponse> sink) {
    new Watch(MarketRequests.market(markets, request.getMarket()), sink).start(request.getCursor());
  }

  private final class Watch extends MarketWatch<BookUpdate, WatchOrderBookResponse> {
    Watch(Market market, StreamSink<WatchOrderBookResponse> sink) {
      super("WatchOrderBook", market, tail, sink);
    }

    void start(String cursor) {
      position(cursor).ifPresentOrElse(this::resume, this::snapshot);
    }

    private void resume(long after) {
      Cursor cursor = new Cursor(Map.of(market.partition(), after));
      numbers
          .check(db, cursor)
          .compose(v -> numbers.of(db, Set.of(market.partition())))
          .map(all -> all.positions().get(market.partition()))
          .onFailure(sink::fail)
          .onSuccess(given -> {
            if (given - after > MOST_BEHIND) {
              snapshot();
            } else {
              follow(after, given);
            }
          });
    }

    private void snapshot() {
      book.view(db, market, Integer.MAX_VALUE)
          .onFailure(sink::fail)
          .onSuccess(view -> sendThenFollow(chunks(view), view.sequence()));
    }

    /** As the client takes them. */
    private void sendThenFollow(Queue<WatchOrderBookResponse> chunks, long sequence) {
      while (!chunks.isEmpty() && !sink.isFull() && !sink.isClosed()) {
        sink.write(chunks.remove());
      }
      if (chunks.isEmpty()) {
        follow(sequence, sequence);
      } else {
        sink.onDrain(() -> sendThenFollow(chunks, sequence));
      }
    }

    /** A large book in several messages: bids, then asks. */
    private Queue<WatchOrderBookResponse> chunks(BookView view) {
      Queue<WatchOrderBookResponse> chunks = new ArrayDeque<>();
      int bids = view.bids().size();
      int levels = bids + view.asks().size();
      int from = 0;
      do {
        int to = Math.min(levels, from + LEVELS_A_MESSAGE);
        WatchOrderBookResponse.Builder chunk =
            WatchOrderBookResponse.newBuilder()
                .setSnapshot(from == 0)
                .setIncomplete(to < levels)
                .setCursor(to < levels ? anew() : cursor(view.sequence()))
                .setLastSequence(view.sequence());
        for (int i = from; i < to; i++) {
          if (i < bids) {
            chunk.addBids(MarketMapper.level(market, view.bids().get(i)));
          } else {
            chunk.addAsks(MarketMapper.level(market, view.asks().get(i - bids)));
          }
        }
        chunks.add(chunk.build());
        from = to;
      } while (from < levels);
      return chunks;
    }

    /** What a cursor leads to is not kept any more; the book still is. */
    @Override
    public void onFailure(Throwable why) {
      if (why instanceof RefusedException refused
          && refused.refusal().reason() == Reason.CURSOR_EXPIRED) {
        snapshot();
      } else {
        super.onFailure(why);
      }
    }

    @Override
    WatchOrderBookResponse message(long first, long last, Optional<BookUpdate> update) {
      WatchOrderBookResponse.Builder message =
          WatchOrderBookResponse.newBuilder()
              .setCursor(cursor(last))
              .setFirstSequence(first)
              .setLastSequence(last);
      update.ifPresent(u -> u.levels().forEach(level -> add(message, level)));
      return message.build();
    }

    private void add(WatchOrderBookResponse.Builder message, LevelChange level) {
      var now = MarketMapper.level(market, level);
      if (level.side() == Side.BUY) {
        message.addBids(now);
      } else {
        message.addAsks(now);
      }
    }
  }
}
