package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.Endpoints;
import dev.sagax.local.LocalExchange;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.PlaceOrderRequest;
import dev.sagax.proto.order.v1.Side;
import dev.sagax.proto.order.v1.TimeInForce;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./sagax up --processes --replicas 2} as a person uses it: all that it prints works, a
 * process that is killed comes back, and Ctrl-C leaves none. The tests build on each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AllProcessesTest {
  private static final int REPLICAS = 2;
  private static final int SERVERS = 3;
  private static final int SERVICES = 4;
  private static final String MARKET = "BTC-USD";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Pattern READY = Pattern.compile("Ctrl-C stops it; the data stays\\.");
  private static final Pattern ADDRESSES =
      Pattern.compile(
          "(?m)^  order 127\\.0\\.0\\.1:(\\d+)   match 127\\.0\\.0\\.1:(\\d+)"
              + "   settle 127\\.0\\.0\\.1:(\\d+)   asset 127\\.0\\.0\\.1:(\\d+)$");

  @TempDir private static Path folder;
  private final AtomicInteger accounts = new AtomicInteger();
  private final List<PortClients> replicas = new ArrayList<>();
  private JavaProcess up;

  @BeforeAll
  void start() {
    up =
        JavaProcess.start(
            UpProcess.class,
            "logback-local.xml",
            folder.resolve("up.out"),
            Map.of(),
            "--any-port",
            "--data",
            data().toString(),
            "--processes",
            "--replicas",
            Integer.toString(REPLICAS));
    up.says(READY);
    ADDRESSES
        .matcher(up.output())
        .results()
        .map(line ->
            new LocalExchange.Ports(port(line, 1), port(line, 2), port(line, 3), port(line, 4)))
        .forEach(ports ->
            replicas.add(new PortClients(ports, (account, scopes) -> token(account), accounts)));
  }

  private static Path data() {
    return folder.resolve("data");
  }

  private static int port(MatchResult line, int group) {
    return Integer.parseInt(line.group(group));
  }

  /** The token that was printed for an account. */
  private String token(String account) {
    String variable = account.toUpperCase(java.util.Locale.ROOT);
    return up.says(Pattern.compile("export " + variable + "=(\\S+)"));
  }

  @AfterAll
  void stop() {
    replicas.forEach(PortClients::close);
    up.close();
  }

  private Trader alice(int replica) {
    return new Trader(replicas.get(replica), "alice");
  }

  @Test
  @org.junit.jupiter.api.Order(1)
  void everyAddressAndTokenThatItPrintsWorks() {
    assertThat(replicas).hasSize(REPLICAS);
    for (int replica = 0; replica < REPLICAS; replica++) {
      Trader alice = alice(replica);

      alice.deposit("USD", "500", "deposit-" + replica);

      alice.has("USD", 500 * (replica + 1) + "", "0");
      assertThat(alice.list(MARKET, false, 10)).isEmpty();
      assertThat(Tape.book(alice, MARKET)).isEqualTo("|");
      replicas.get(replica).assertConserved();
    }
  }

  @Test
  @org.junit.jupiter.api.Order(2)
  void orderThatIsPlacedAtOneReplicaIsAnsweredAtTheOther() {
    PlaceOrderRequest request = buy(alice(0), "100");

    Order placed = alice(0).orders().placeOrder(request).getOrder();
    Order repeated = alice(1).orders().placeOrder(request).getOrder();

    assertThat(Tape.of(placed)).isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.1");
    assertThat(repeated).isEqualTo(placed);
    assertThat(alice(1).get(placed)).isEqualTo(placed);
    assertThat(Tape.of(alice(1).cancel(placed)))
        .isEqualTo("CANCELLED CANCELLED_BY_OWNER 0 for 0, fee 0 BTC, left 0");
    Eventually.passes(() ->
        assertThat(Tape.of(alice(0).get(placed)))
            .isEqualTo("CANCELLED CANCELLED_BY_OWNER 0 for 0, fee 0 BTC, left 0"));
  }

  private static PlaceOrderRequest buy(Trader trader, String price) {
    return trader
        .order(MARKET)
        .setClientOrderId("at-" + price)
        .setLimit(Trader.limit(Side.SIDE_BUY, "0.1", price, TimeInForce.TIME_IN_FORCE_GTC))
        .build();
  }

  @Test
  @org.junit.jupiter.api.Order(3)
  void processThatIsKilledIsStartedAgainAndServesWithinSeconds() {
    String killed = up.says(Pattern.compile("order-svc-0 +port +\\d+ +process (\\d+)"));
    ProcessHandle process = ProcessHandle.of(Long.parseLong(killed)).orElseThrow();
    Order before = alice(0).place(buy(alice(0), "101").toBuilder());
    long start = System.nanoTime();

    process.destroyForcibly();

    assertThat(Tape.of(alice(1).get(before))).isEqualTo(Tape.of(before));
    up.says(Pattern.compile("order-svc-0 has died with exit code 137 and is started again"));
    String again = up.says(Pattern.compile("order-svc-0 runs again, as process (\\d+)"));
    assertThat(again).isNotEqualTo(killed);
    Eventually.passes(SOON, () -> assertThat(alice(0).get(before)).isEqualTo(before));
    System.out.printf(
        "order-svc-0 answered again %.1f s after its SIGKILL%n", (System.nanoTime() - start) / 1e9);
    PlaceOrderRequest request = buy(alice(0), "102");
    Eventually.passes(
        SOON,
        () ->
            assertThat(Tape.of(alice(0).orders().placeOrder(request).getOrder()))
                .isEqualTo("OPEN 0 for 0, fee 0 BTC, left 0.1"));
    System.out.printf(
        "it took and placed an order %.1f s after it%n", (System.nanoTime() - start) / 1e9);
  }

  @Test
  @org.junit.jupiter.api.Order(4)
  void ctrlCStopsEveryProcess() {
    List<ProcessHandle> processes = up.descendants();
    assertThat(processes).hasSizeGreaterThanOrEqualTo(SERVERS + SERVICES * REPLICAS);

    up.signal("INT");

    assertThat(up.exitCode()).isEqualTo(128 + 2);
    assertThat(up.output()).endsWith("Stopping...\n");
    JavaProcess.assertGone(processes);
    assertThat(Endpoints.exist(data())).isFalse();
  }
}
