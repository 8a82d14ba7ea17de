package dev.sagax.bench.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.ExchangeProcess;
import dev.sagax.proto.ledger.v1.AuditResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The exchange and its servers are killed together, by SIGKILL, again and again while four markets
 * trade. Its customers only ask again with the same ids. In the end everything must be as in four
 * twin markets where the same instructions were carried out undisturbed.
 */
class KillTest {
  private static final int MARKETS = 4;
  private static final int STEPS = 160;

  /**
   * One in the suite, where the replay is killed three times too; more by {@code -Dsagax.kills}.
   */
  private static final int KILLS = Integer.getInteger("sagax.kills", 1);

  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @TempDir private Path folder;

  /** How many steps of each market's script are in the log. */
  private final AtomicIntegerArray acknowledged = new AtomicIntegerArray(MARKETS);

  private volatile Desk desk;
  private volatile Throwable failure;

  @Test
  void whatIsKilledInMidTradeEndsAsIfItHadNotBeen() throws Exception {
    Random random = new Random(Seed.of(KillTest.class));
    List<List<Script.Step>> scripts =
        IntStream.range(0, MARKETS).mapToObj(n -> Script.write(random, STEPS)).toList();
    Path data = Files.createDirectories(folder.resolve("data"));
    Path markets = writeMarkets();
    ExchangeProcess exchange = start(data, markets);
    try {
      for (int market = 0; market < MARKETS; market++) {
        fund(market("K", market));
        fund(market("W", market));
      }
      List<Thread> senders = send("K", scripts, acknowledged);
      for (double share : sharesToKillAt(random)) {
        awaitAcknowledged(share);
        int[] atKill = Crash.killAll(exchange, this::acknowledged);
        assertThat(senders).as("senders at work").anyMatch(Thread::isAlive);
        assertThat(sum(atKill) / (double) (MARKETS * STEPS)).isBetween(0.05, 0.95);
        assertWorkInFlight(scripts, atKill, Crash.settled(data, markets));
        exchange = start(data, markets);
      }
      finish(senders);
      finish(send("W", scripts, new AtomicIntegerArray(MARKETS)));

      for (int n = 0; n < MARKETS; n++) {
        assertTwins(market("K", n), market("W", n));
      }
      eventually(KillTest::assertConserved, desk);
      desk.close();
    } finally {
      List<ProcessHandle> all = Crash.processes(exchange);
      exchange.close();
      Crash.awaitGone(all);
    }
  }

  private ExchangeProcess start(Path data, Path markets) {
    ExchangeProcess exchange = ExchangeProcess.start(data, markets);
    Desk before = desk;
    desk = new Desk(exchange);
    if (before != null) {
      before.close();
    }
    return exchange;
  }

  private Path writeMarkets() throws IOException {
    StringBuilder yaml =
        new StringBuilder("assets: [{name: BTC, scale: 8}, {name: USD, scale: 6}]\nmarkets:\n");
    for (int n = 0; n < MARKETS; n++) {
      for (String kind : List.of("K", "W")) {
        yaml.append(
            "  - {name: %s, base: BTC, quote: USD, tick: 0.01, lot: 0.0001, partition: %d, maker_bps: 7, taker_bps: 13}\n"
                .formatted(market(kind, n), n));
      }
    }
    return Files.writeString(folder.resolve("markets.yaml"), yaml);
  }

  private void fund(String market) {
    for (int n = 0; n < Script.ACCOUNTS; n++) {
      desk.deposit(Desk.account(market, n), "USD", "10000000");
      desk.deposit(Desk.account(market, n), "BTC", "100000");
    }
  }

  /** Somewhere in every part after the first bit, so that work is left for the next. */
  private static double[] sharesToKillAt(Random random) {
    return IntStream.range(0, KILLS)
        .mapToDouble(n -> 0.07 + (n + random.nextDouble()) * 0.8 / KILLS)
        .toArray();
  }

  // ---- the customers

  /** One thread a market sends its script, each instruction after the one before is in the log. */
  private List<Thread> send(String kind, List<List<Script.Step>> scripts, AtomicIntegerArray sent) {
    List<Thread> senders = new ArrayList<>();
    for (int n = 0; n < MARKETS; n++) {
      int number = n;
      senders.add(Thread.ofVirtual().start(() -> sendOneByOne(kind, number, scripts, sent)));
    }
    return senders;
  }

  private void sendOneByOne(
      String kind, int number, List<List<Script.Step>> scripts, AtomicIntegerArray sent) {
    try {
      for (Script.Step step : scripts.get(number)) {
        while (!appended(market(kind, number), step)) {
          pause();
        }
        sent.incrementAndGet(number);
      }
    } catch (RuntimeException | Error thrown) {
      failure = thrown;
    }
  }

  private boolean appended(String market, Script.Step step) {
    try {
      desk.append(market, step);
      return true;
    } catch (StatusRuntimeException refused) {
      return switch (refused.getStatus().getCode()) {
        case UNAVAILABLE, DEADLINE_EXCEEDED -> false;
        default -> throw refused;
      };
    }
  }

  private void finish(List<Thread> senders) throws InterruptedException {
    for (Thread sender : senders) {
      assertThat(sender.join(PATIENCE)).as("the script is sent").isTrue();
    }
    assertThat(failure).isNull();
  }

  private void awaitAcknowledged(double share) {
    while (sum(acknowledged()) < share * MARKETS * STEPS) {
      assertThat(failure).isNull();
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
    }
  }

  private int[] acknowledged() {
    return IntStream.range(0, MARKETS).map(acknowledged::get).toArray();
  }

  private static int sum(int[] numbers) {
    return IntStream.of(numbers).sum();
  }

  private static String market(String kind, int number) {
    return kind + number + "-USD";
  }

  // ---- what it came to

  /** Of what was acknowledged, something was not yet settled. */
  private static void assertWorkInFlight(
      List<List<Script.Step>> scripts, int[] acknowledged, Set<String> settled) {
    List<String> inFlight = new ArrayList<>();
    for (int n = 0; n < MARKETS; n++) {
      for (Script.Step step : scripts.get(n).subList(0, acknowledged[n])) {
        if (step instanceof Script.Place place) {
          inFlight.add(Crash.placement(market("K", n), place.id()));
        }
      }
    }
    inFlight.removeAll(settled);
    System.out.printf(
        "KillTest: killed with %d steps acknowledged, %d placements not settled%n",
        sum(acknowledged), inFlight.size());
    assertThat(inFlight).as("acknowledged, but not settled").isNotEmpty();
  }

  private void assertTwins(String killed, String undisturbed) {
    eventually(
        client -> {
          Map<String, Object> outcome = client.outcome(killed);
          assertThat(outcome.toString()).doesNotContain("ORDER_STATUS_ACCEPTED");
          assertThat(outcome).isEqualTo(client.outcome(undisturbed));
          assertThat(client.trades(killed)).hasSizeGreaterThan(STEPS / 10);
        },
        desk);
  }

  private static void assertConserved(Desk desk) {
    AuditResponse audit = desk.audit();
    assertThat(audit.getFindingsList()).isEmpty();
    assertThat(audit.getConserved()).isTrue();
  }

  private static <T> void eventually(Consumer<T> assertion, T subject) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        assertion.accept(subject);
        return;
      } catch (AssertionError | StatusRuntimeException notYet) {
        if (System.nanoTime() > end) {
          throw notYet;
        }
        pause();
      }
    }
  }

  private static void pause() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
  }
}
