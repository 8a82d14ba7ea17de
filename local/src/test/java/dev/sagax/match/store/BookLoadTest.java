package dev.sagax.match.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.infra.PostgresServer;
import dev.sagax.match.BookChanges;
import dev.sagax.match.BookedOrder;
import dev.sagax.match.book.Side;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.schema.TestSchema;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new owner of a partition has its books soon, however much rests in them. */
class BookLoadTest {
  private static final int ORDERS = 100_000;
  private static final int BATCH = 1_000;
  private static final int PARTITION = 0;
  private static final long TICK = 10_000;
  private static final long LOT = 10_000;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final PgBook book = new PgBook(MatchSaga.SERVICE);
  private PostgresServer server;
  private Pool pool;

  @BeforeEach
  void start() throws Exception {
    server = new PostgresServer(folder.resolve("postgres"), 0);
    server.start();
    pool =
        PgBuilder.pool()
            .connectingTo(
                PgConnectOptions.fromUri(server.uri())
                    .setCachePreparedStatements(true)
                    .setPipeliningLimit(256))
            .with(new PoolOptions().setMaxSize(1))
            .using(vertx)
            .build();
    await(TestSchema.create(pool, new MatchingSchema()));
  }

  @AfterEach
  void stop() throws Exception {
    await(pool.close());
    await(vertx.close());
    server.close();
  }

  @Test
  void hundredThousandRestingOrdersAreLoadedInTimeAndBlockNobody() throws Exception {
    await(pool.withTransaction(this::fill));
    AtomicLong found = new AtomicLong();
    await(
        pool.withConnection(db -> book.load(db, PARTITION, page -> found.addAndGet(page.size()))));
    assertThat(found).hasValue(ORDERS);
    var step =
        MatchSaga.definition(markets(), book, new PgTrades(), FaultInjector.idle())
            .handler()
            .apply(PARTITION);
    AtomicLong longestNanos = watchEventLoop();

    long begin = System.nanoTime();
    await(pool.withTransaction(step::load));
    Duration took = Duration.ofNanos(System.nanoTime() - begin);

    Duration pause = Duration.ofNanos(longestNanos.get());
    System.out.printf(
        "%,d resting orders loaded in %d ms; the event loop was never busy for more than %d ms%n",
        ORDERS, took.toMillis(), pause.toMillis());
    assertThat(took).isLessThan(LIMIT);
    assertThat(pause).isLessThan(LONGEST_PAUSE);
  }

  private Future<Void> fill(SqlConnection db) {
    Future<Void> written = Future.succeededFuture();
    for (int first = 1; first <= ORDERS; first += BATCH) {
      int from = first;
      written = written.compose(v -> write(from, db));
    }
    return written;
  }

  private Future<Void> write(int first, SqlConnection db) {
    List<BookedOrder> rested = new ArrayList<>();
    for (int number = first; number < first + BATCH; number++) {
      rested.add(order(number));
    }
    Statements step = new Statements(db);
    book.save(PARTITION, new BookChanges(rested, List.of(), List.of()), step);
    return Future.all(step.done).mapEmpty();
  }

  /** 1,000 price levels a side, 50 orders in each. */
  private static BookedOrder order(int number) {
    boolean buys = number % 2 == 0;
    long level = number / 2 % 1_000;
    return new BookedOrder(
        number,
        "BTC-USD",
        "%032x".formatted(number),
        "account-" + number % 500,
        buys ? Side.BUY : Side.SELL,
        (buys ? 5_000_000 - level : 5_000_001 + level) * TICK,
        LOT,
        10,
        LOT);
  }

  private Markets markets() {
    Path file = folder.resolve("markets.yaml");
    LocalExchange.copyBuiltInMarkets(file);
    return Markets.load(file, LocalExchange.PARTITIONS);
  }

  /** The longest time between two beats of the one event loop there is. */
  private AtomicLong watchEventLoop() {
    AtomicLong longest = new AtomicLong();
    AtomicLong last = new AtomicLong(System.nanoTime());
    vertx.setPeriodic(
        1,
        t -> {
          long now = System.nanoTime();
          longest.accumulateAndGet(now - last.getAndSet(now), Math::max);
        });
    return longest;
  }

  /** Runs each statement of a batch at once. */
  private record Statements(SqlClient db, List<Future<?>> done) implements StepWrites {
    Statements(SqlClient db) {
      this(db, new ArrayList<>());
    }

    @Override
    public void write(String sql, Tuple parameters) {
      done.add(db.preparedQuery(sql).execute(parameters));
    }

    @Override
    public long emit(Topic topic, String key, MessageLite message) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void leave(int records) {
      throw new UnsupportedOperationException();
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
