package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.chaos.Ask.OrderName;
import dev.sagax.bench.client.Targets;
import dev.sagax.bench.kill.Seed;
import dev.sagax.local.LocalExchange;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checks find nothing after undisturbed trade, and find each lie that is planted then. */
class ChecksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ENOUGH_ANSWERS = 300;

  /** What is done to the tables, how it is undone, and the rule that it breaks. */
  private record Lie(Invariant rule, String statement, String undo) {}

  private static final List<Lie> LIES =
      List.of(
          new Lie(
              Invariant.ORDER_IS_FINAL_OR_RESTS,
              "update orders.orders set left_units = left_units + 1 where status = 2",
              "update orders.orders set left_units = left_units - 1 where status = 2"),
          new Lie(
              Invariant.WHAT_RESTS_IS_AN_ORDER,
              """
              insert into matching.resting_order select (jsonb_populate_record(r,
                '{"number": 99999999, "order_id": "00000000-0000-0000-0000-000000000001"}')).*
              from matching.resting_order r limit 1
              """,
              "delete from matching.resting_order where number = 99999999"),
          new Lie(
              Invariant.ORDER_IS_THERE_ONCE,
              """
              insert into orders.orders select (jsonb_populate_record(o,
                '{"order_id": "00000000-0000-0000-0000-000000000001"}')).* from orders.orders o limit 1
              """,
              "delete from orders.orders where order_id = '00000000-0000-0000-0000-000000000001'"),
          new Lie(
              Invariant.TRADES_ARE_THE_FILLS_OF_ORDERS,
              "update matching.trade set cancelled = true where trade_id = 1",
              "update matching.trade set cancelled = false where trade_id = 1"),
          new Lie(
              Invariant.MAKER_AND_TAKER_AGREE,
              "update matching.trade set quote = quote + 1 where trade_id = 1",
              "update matching.trade set quote = quote - 1 where trade_id = 1"),
          new Lie(
              Invariant.LEGS_ARE_THE_FILLS_OF_ORDERS,
              "update ledger.leg set fee = fee + 1, receive = receive - 1 where leg = 0",
              "update ledger.leg set fee = fee - 1, receive = receive + 1 where leg = 0"),
          new Lie(
              Invariant.OUTCOME_CONSERVES,
              "update ledger.leg set receive = receive + 1 where leg = 0",
              "update ledger.leg set receive = receive - 1 where leg = 0"),
          new Lie(
              Invariant.HOLD_IS_THE_ORDERS,
              "update ledger.hold set filled = filled + 1 where verdict = 1",
              "update ledger.hold set filled = filled - 1 where verdict = 1"),
          new Lie(
              Invariant.TRANSFER_IS_DECIDED_ONCE,
              "update assets.transfers set outcome = 'PENDING' where outcome = 'COMPLETED'",
              "update assets.transfers set outcome = 'COMPLETED' where outcome = 'PENDING'"),
          new Lie(
              Invariant.LOG_IS_READ_TO_ITS_END,
              "update ledger.step_input set position = position - 1 where topic ="
                  + " 'settle.requested'",
              "update ledger.step_input set position = position + 1 where topic ="
                  + " 'settle.requested'"));

  @TempDir private Path folder;

  @Test
  void findNothingAfterUndisturbedTradeAndEveryLieThatIsPlanted() throws Exception {
    Path markets = folder.resolve("markets.yaml");
    ChaosMarkets.write(markets);
    try (LocalExchange exchange =
            LocalExchange.start(
                LocalExchange.Plan.over(folder.resolve("data")).withMarkets(markets));
        Clients clients = new Clients(List.of(targets(exchange.ports())), exchange::token);
        Stores stores =
            new Stores(
                exchange.infrastructure().postgresUri(),
                exchange.infrastructure().kafkaBootstrap(),
                LocalExchange.PARTITIONS)) {
      Flow flow = new Flow(new Random(Seed.of(ChecksTest.class)), "t", 20);
      Told told = new Told();
      Checks checks = new Checks(stores, clients, told, ChaosMarkets.scales());
      trade(clients, flow, told);

      assertThat(checks.awaitQuiet(PATIENCE)).isEmpty();
      assertThat(checks.findings()).isEmpty();
      assertThat(checks.findingsOfViews(flow.accounts())).isEmpty();

      assertThat(LIES.stream().map(Lie::rule)).containsExactly(Invariant.values());
      for (Lie lie : LIES) {
        stores.rows(lie.statement);
        assertThat(checks.contradictions(lie.rule)).as(lie.rule.sentence).hasSize(1);
        stores.rows(lie.undo);
        assertThat(checks.contradictions(lie.rule)).isEmpty();
      }
      assertThat(new Checks(stores, clients, new Told(), ChaosMarkets.scales()).findings())
          .anySatisfy(finding ->
              assertThat(finding.sentence()).startsWith("Every order is one that was asked"))
          .anySatisfy(
              finding -> assertThat(finding.sentence()).startsWith("The supply of AAA is "));
      tellOfAnOrderThatThereIsNot(told);
      assertThat(checks.findings())
          .singleElement()
          .satisfies(finding -> {
            assertThat(finding.sentence()).startsWith("No acknowledged order is lost");
            assertThat(finding.kind()).isEqualTo(Finding.Kind.LOST);
            assertThat(finding.count()).isEqualTo(1);
          });
    }
  }

  private static void trade(Clients clients, Flow flow, Told told) throws InterruptedException {
    try (Load load = new Load(clients, flow, told, 200)) {
      load.fund(PATIENCE);
      long funded = told.answers();
      load.start();
      while (told.answers() < funded + ENOUGH_ANSWERS) {
        assertThat(told.findings()).isEmpty();
        LockSupport.parkNanos(10_000_000);
      }
      load.pause();
      assertThat(load.awaitAnswers(PATIENCE)).isTrue();
    }
  }

  private static void tellOfAnOrderThatThereIsNot(Told told) {
    OrderName name = new OrderName("chaos-001", "AAA-USD", "never-sent");
    told.asked(name);
    told.told(
        name,
        Order.newBuilder()
            .setOrderId(name.orderId())
            .setStatus(OrderStatus.ORDER_STATUS_FILLED)
            .build());
  }

  private static Targets targets(LocalExchange.Ports ports) {
    return Targets.on("127.0.0.1", ports.order(), ports.match(), ports.settle(), ports.asset());
  }
}
