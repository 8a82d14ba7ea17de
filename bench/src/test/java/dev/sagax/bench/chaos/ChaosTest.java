package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.kill.Seed;
import dev.sagax.platform.fault.FaultPoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sample of {@code ./sagax chaos}: two kills and two zombies at fault points that ordinary trade
 * passes, drawn by the seed, over the real processes, a server that is away for a while, and a
 * roll-out. The whole matrix is {@code ./sagax chaos --matrix}.
 */
class ChaosTest {
  private static final int KILLS = Integer.getInteger("sagax.chaos.kills", 2);
  private static final int ZOMBIES = Integer.getInteger("sagax.chaos.zombies", 2);

  /** Faults made together, which saves the time of a round for each. */
  private static final int TOGETHER = 2;

  /** Wishes a second; other tests run beside this one. */
  private static final int RATE = 30;

  /**
   * Twice what {@code ./sagax chaos} allows: other tests take the processors meanwhile, so that a
   * start of a process takes several times as long.
   */
  private static final Duration QUIET = Campaign.QUIET.multipliedBy(2);

  private static final Duration AWAY = Duration.ofSeconds(8);
  private static final Duration REST = Duration.ofSeconds(1);
  private static final int AWAY_AS_WELL_MILLIS = 2_000;

  @TempDir private Path folder;

  @Test
  void nothingIsLostOrDoubledByKillsAndZombiesAtFaultPoints() throws Exception {
    long seed = Seed.of(ChaosTest.class);
    Random random = new Random(seed);
    List<Fault> faults = faults(random);
    List<Round> rounds = new ArrayList<>();
    try (Campaign campaign =
        new Campaign(
            folder.resolve("stack"),
            new Campaign.Plan(2, 20, RATE, seed, Set.of(), QUIET),
            line -> {})) {
      for (int n = 0; n < faults.size(); n += TOGETHER) {
        List<Fault> together =
            new ArrayList<>(faults.subList(n, Math.min(n + TOGETHER, faults.size())));
        if (n == 0) { // a process that comes back has to wait for its server
          together.add(new Fault.KillServer(server(random), AWAY_AS_WELL_MILLIS));
        }
        List<Round> next = campaign.strike(together, true);
        rounds.addAll(next);
        next.forEach(round -> System.out.println(round.fault().text() + ": " + round.stages()));
        assertThat(next)
            .allSatisfy(round -> assertThat(round.findings()).as(round.fault().text()).isEmpty());
      }
      Backend away = server(random);
      assertThat(campaign.outage(away, AWAY).findings()).as(away.text + " away").isEmpty();
      Roll.Result roll = campaign.roll(EnumSet.of(Roll.End.STOPPED), 1, REST, QUIET);
      System.out.println(roll.markdown());
      assertThat(roll.findings()).as("a roll-out").isEmpty();
    }
    new CrashTable(rounds).lines().forEach(System.out::println);
    assertThat(rounds.stream().filter(round -> round.hit() && isKill(round)))
        .hasSizeGreaterThanOrEqualTo(KILLS);
    assertThat(rounds.stream().filter(round -> round.hit() && isZombie(round)))
        .hasSizeGreaterThanOrEqualTo(ZOMBIES);
  }

  private static Backend server(Random random) {
    return Backend.values()[random.nextInt(Backend.values().length)];
  }

  private static boolean isKill(Round round) {
    return round.fault() instanceof Fault.KillAt;
  }

  private static boolean isZombie(Round round) {
    return round.fault() instanceof Fault.ZombieAt;
  }

  /** Kills first, then zombies; neighbours are at different services. */
  private static List<Fault> faults(Random random) {
    List<FaultPoint> kills = points(random, KILLS, "order-svc", "settle-svc", "match-svc");
    List<FaultPoint> zombies = points(random, ZOMBIES, "match-svc", "settle-svc", "order-svc");
    return Stream.concat(
            kills.stream().map(point -> new Fault.KillAt(point, 1, random.nextInt(2))),
            zombies.stream().map(point -> new Fault.ZombieAt(point, 1, random.nextInt(2))))
        .map(Fault.class::cast)
        .toList();
  }

  /** Of one service after the other. */
  private static List<FaultPoint> points(Random random, int count, String... services) {
    List<List<FaultPoint>> left = new ArrayList<>();
    for (String service : services) {
      List<FaultPoint> points = new ArrayList<>(ordinary(service));
      Collections.shuffle(points, random);
      left.add(points);
    }
    return IntStream.range(0, count).mapToObj(n -> left.get(n % left.size()).removeLast()).toList();
  }

  /** Every point that a limit order passes on its way. */
  private static List<FaultPoint> ordinary(String service) {
    return Stream.of(FaultPoint.values())
        .filter(point -> point.service().equals(service))
        .filter(point -> point.provokedBy().isEmpty())
        .filter(point ->
            point.name().contains("_STEP_")
                || point.name().contains("_HOLD_")
                || point.name().contains("_REDIS_")
                || point.name().contains("ORDER_API_"))
        .filter(
            point -> !point.name().contains("_REDIS_MID_") && !point.name().contains("_TRANSFER"))
        .toList();
  }
}
