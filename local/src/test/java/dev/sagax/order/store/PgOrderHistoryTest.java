package dev.sagax.order.store;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.infra.PostgresServer;
import dev.sagax.order.Order;
import dev.sagax.order.OrderHistory;
import dev.sagax.order.OrderHistory.Cursor;
import dev.sagax.order.OrderHistory.Due;
import dev.sagax.order.OrderHistory.Filter;
import dev.sagax.order.OrderStatus;
import dev.sagax.order.Side;
import dev.sagax.platform.schema.TestSchema;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Lists of orders in a table of 20,000 that belong to ten accounts. */
class PgOrderHistoryTest {
  private static final int ORDERS = 20_000;
  private static final String ACCOUNT = "account-3";
  private static final String ANY = "";

  /** Several orders share a time; most are closed, and the open ones are old and new. */
  private static final String FILL =
      """
      insert into orders.orders
      select md5('order ' || i)::uuid, i, i, 1000 + i / 40, 1000 + i / 40, 1, 50000000, 10000, 0, 0, 0,
        case when i % 7 < 2 then 10000 else 0 end, 1, 1, 1, 1 + i / 10 % 2, 1,
        case when i % 7 < 2 then 2 + i % 7 else 4 + i % 7 % 4 end, 0,
        8, 6, 10, 20, true, 'account-' || i % 10,
        case when i / 20 % 3 = 0 then 'BTC-USD' else 'ETH-USD' end, 'c' || i, 'BTC', 'USD'
      from generate_series(1, 20000) i\
      """;

  @TempDir private static Path home;

  private static final Vertx VERTX = Vertx.vertx();
  private static PostgresServer server;
  private static Pool pool;
  private static PgOrderHistory history;

  @BeforeAll
  static void fill() throws Exception {
    server = new PostgresServer(home.resolve("postgres"), 0);
    server.start();
    pool =
        PgBuilder.pool()
            .connectingTo(PgConnectOptions.fromUri(server.uri()).setCachePreparedStatements(true))
            .with(new PoolOptions().setMaxSize(2))
            .using(VERTX)
            .build();
    for (int start = 0; start < 2; start++) {
      await(TestSchema.create(pool, new OrdersSchema()));
    }
    await(pool.query(FILL).execute());
    await(pool.query("analyze orders.orders").execute());
    history = new PgOrderHistory(pool);
  }

  @AfterAll
  static void close() throws Exception {
    await(pool.close());
    server.close();
    await(VERTX.close());
  }

  @TestFactory
  Stream<DynamicTest> listsInPagesExactlyWhatItsFiltersSayFromAnIndex() {
    return Stream.of(
            filter(ANY, false, Set.of(), null, 0, Long.MAX_VALUE),
            filter("BTC-USD", false, Set.of(), null, 0, Long.MAX_VALUE),
            filter(ANY, true, Set.of(), null, 0, Long.MAX_VALUE),
            filter("ETH-USD", true, Set.of(), Side.SELL, 0, Long.MAX_VALUE),
            filter(ANY, false, Set.of(OrderStatus.PARTIALLY_FILLED), null, 0, Long.MAX_VALUE),
            filter(
                "BTC-USD",
                false,
                Set.of(OrderStatus.FILLED, OrderStatus.CANCELLED),
                Side.BUY,
                1_100,
                1_300),
            filter(ANY, true, Set.of(OrderStatus.OPEN, OrderStatus.FILLED), null, 1_100, 1_101),
            filter(ANY, true, Set.of(OrderStatus.FILLED), null, 0, Long.MAX_VALUE))
        .map(filter -> DynamicTest.dynamicTest(filter.toString(), () -> check(filter)));
  }

  private static void check(Filter filter) throws Exception {
    List<Order> all = await(history.list(accountOnly(), Optional.empty(), ORDERS));
    List<Order> expected =
        all.stream()
            .filter(matches(filter))
            .sorted(comparing(PgOrderHistoryTest::micros).thenComparing(Order::orderId).reversed())
            .toList();

    List<Order> paged = new ArrayList<>();
    Optional<Cursor> after = Optional.empty();
    do {
      List<Order> page = await(history.list(filter, after, 37));
      paged.addAll(page);
      after =
          page.isEmpty()
              ? Optional.empty()
              : Optional.of(new Cursor(micros(page.getLast()), page.getLast().orderId()));
    } while (after.isPresent());

    assertThat(paged).isEqualTo(expected);
    assertThat(planOf(ListQuery.of(filter, Optional.empty(), 51)))
        .contains(filter.onlyOpen() ? "orders_open" : "orders_by_account")
        .doesNotContain("Seq Scan on orders");
  }

  @Test
  void findsTheAccountsOwnAmongTheOrdersAskedFor() throws Exception {
    List<Order> own = await(history.list(accountOnly(), Optional.empty(), 2));
    String anothers =
        OrderRows.toHex(
            await(
                    pool.query("select order_id from orders.orders where account = 'account-4'")
                        .execute())
                .iterator()
                .next()
                .getUUID(0));
    Set<String> asked =
        Set.of(own.get(0).orderId(), own.get(1).orderId(), anothers, "f".repeat(32));

    assertThat(await(history.find(ACCOUNT, asked)))
        .containsOnly(
            Map.entry(own.get(0).orderId(), own.get(0)),
            Map.entry(own.get(1).orderId(), own.get(1)));
  }

  @Test
  void isBeingCancelledWhatIsOpenUpToTheLastThatACancelOfAllHasSentToTheBook() throws Exception {
    await(
        pool.query(
                """
                insert into orders.cancelled_to values ('account-3', 'BTC-USD', 1, 9000),
                  ('account-3', 'ETH-USD', 2, 20000), ('account-4', 'BTC-USD', 2, 20000)\
                """)
            .execute());
    List<Order> open =
        await(
            history.list(
                filter(ANY, true, Set.of(), null, 0, Long.MAX_VALUE), Optional.empty(), ORDERS));

    List<String> buys =
        open.stream()
            .filter(order -> order.market().equals("BTC-USD") && order.number() <= 9_000)
            .filter(order -> order.request().type().side() == Side.BUY)
            .sorted(comparing(Order::number))
            .map(Order::orderId)
            .toList();
    List<String> sells =
        open.stream()
            .filter(order -> order.market().equals("ETH-USD"))
            .filter(order -> order.request().type().side() == Side.SELL)
            .sorted(comparing(Order::number))
            .map(Order::orderId)
            .toList();
    List<String> all = Stream.concat(buys.stream(), sells.stream()).toList();
    assertThat(buys).isNotEmpty();
    assertThat(sells).isNotEmpty();
    assertThat(await(history.beingCancelled(ACCOUNT, "BTC-USD", Optional.of(Side.BUY))))
        .containsExactlyElementsOf(buys);
    assertThat(await(history.beingCancelled(ACCOUNT, "BTC-USD", Optional.of(Side.SELL)))).isEmpty();
    assertThat(await(history.beingCancelled(ACCOUNT, ANY, Optional.of(Side.SELL))))
        .containsExactlyElementsOf(sells);
    assertThat(await(history.beingCancelled(ACCOUNT, ANY, Optional.empty())))
        .containsExactlyInAnyOrderElementsOf(all);
    assertThat(plan(PgOrderHistory.BEING_CANCELLED, Tuple.of(ACCOUNT, ANY, 0)))
        .contains("orders_open")
        .doesNotContain("Seq Scan on orders");
  }

  @Test
  void countsOpenOrdersByMarketAndSaysWhichAreStillOpen() throws Exception {
    List<Order> open =
        await(
            history.list(
                filter(ANY, true, Set.of(), null, 0, Long.MAX_VALUE), Optional.empty(), ORDERS));
    List<Order> all = await(history.list(accountOnly(), Optional.empty(), ORDERS));

    assertThat(await(history.openByMarket(ACCOUNT)))
        .isEqualTo(
            open.stream().collect(Collectors.groupingBy(Order::market, Collectors.counting())));
    assertThat(await(history.stillOpen(all.stream().map(Order::orderId).toList())))
        .containsExactlyInAnyOrderElementsOf(open.stream().map(Order::orderId).toList())
        .isNotEmpty()
        .hasSizeLessThan(all.size());
    assertThat(plan(PgOrderHistory.OPEN_BY_MARKET, Tuple.of(ACCOUNT)))
        .contains("orders_open")
        .doesNotContain("Seq Scan on orders");
  }

  @Test
  void tellsAPageOfEachPartitionsSwitchesThatAreDue() throws Exception {
    await(
        pool.query(
                """
                insert into orders.cancel_after
                select 0, 'a' || n, '', n / 2 + 1 from generate_series(0, 4999) n
                union all select 1, 'b' || n, 'BTC-USD', n + 1 from generate_series(0, 2) n
                union all select 2, 'c', '', 10001\
                """)
            .execute());
    await(pool.query("analyze orders.cancel_after").execute());
    Set<Due> told = new HashSet<>();
    List<Due> after = List.of(Due.first(0), Due.first(1), Due.first(2), Due.first(3));

    List<Due> first = await(history.due(10_000, after));
    assertThat(first).filteredOn(due -> due.partition() == 0).hasSize(OrderHistory.DUE_PAGE);
    assertThat(first)
        .filteredOn(due -> due.partition() != 0)
        .containsExactly(
            new Due(1, "b0", "BTC-USD", 1),
            new Due(1, "b1", "BTC-USD", 2),
            new Due(1, "b2", "BTC-USD", 3));
    List<Due> page = first.stream().filter(due -> due.partition() == 0).toList();
    while (!page.isEmpty()) {
      assertThat(page).isSortedAccordingTo(comparing(Due::deadlineMicros));
      page.forEach(due -> assertThat(told.add(due)).as("%s is told once", due).isTrue());
      page = await(history.due(10_000, List.of(page.getLast())));
    }
    assertThat(told).hasSize(5_000);
    assertThat(plan(PgOrderHistory.DUE, PgOrderHistory.toDue(10_000, after)))
        .contains("cancel_after_by_partition");
  }

  private static Predicate<Order> matches(Filter filter) {
    return order ->
        (filter.market().isEmpty() || order.market().equals(filter.market()))
            && (!filter.openOnly() || !order.closed())
            && (filter.statuses().isEmpty() || filter.statuses().contains(order.status()))
            && filter.side().map(side -> side == order.request().type().side()).orElse(true)
            && micros(order) >= filter.fromMicros()
            && micros(order) < filter.untilMicros();
  }

  private static Filter accountOnly() {
    return filter(ANY, false, Set.of(), null, 0, Long.MAX_VALUE);
  }

  private static Filter filter(
      String market,
      boolean openOnly,
      Set<OrderStatus> statuses,
      Side side,
      long fromMicros,
      long untilMicros) {
    SortedSet<OrderStatus> sorted = new TreeSet<>(statuses);
    return new Filter(
        ACCOUNT, market, openOnly, sorted, Optional.ofNullable(side), fromMicros, untilMicros);
  }

  private static long micros(Order order) {
    return order.request().timeMicros();
  }

  private static String planOf(ListQuery query) throws Exception {
    return plan(query.sql(), query.parameters());
  }

  private static String plan(String sql, Tuple parameters) throws Exception {
    StringBuilder plan = new StringBuilder();
    for (Row row : await(pool.preparedQuery("explain " + sql).execute(parameters))) {
      plan.append(row.getString(0)).append('\n');
    }
    return plan.toString();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
