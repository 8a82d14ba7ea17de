package dev.sagax.bench.chaos;

import dev.sagax.platform.fault.FaultPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Draws faults. The same seed draws the same faults in the same order. */
final class Dice {
  private static final int OVERLAPPING_PERCENT = 15;
  private static final int AT_POINTS_PERCENT = 45;

  private final RandomGenerator random;
  private final int replicas;
  private final List<String> only;

  /**
   * @param only texts or targets of faults, of which the drawn ones must be; empty for all
   * @throws IllegalArgumentException if one of them is no fault
   */
  Dice(RandomGenerator random, int replicas, List<String> only) {
    this.random = random;
    this.replicas = replicas;
    this.only = only;
    List<Fault> all = everyKind();
    for (String text : only) {
      if (all.stream().noneMatch(fault -> matches(text, fault))) {
        throw new IllegalArgumentException(
            "There is no fault %s; there are %s."
                .formatted(text, String.join(", ", all.stream().map(Fault::text).toList())));
      }
    }
  }

  /** The next fault, or two that overlap. */
  List<Fault> next() {
    Fault first = one();
    if (random.nextInt(100) >= OVERLAPPING_PERCENT || !only.isEmpty()) {
      return List.of(first);
    }
    Fault second = one();
    return canOverlap(first, second) ? List.of(first, second) : List.of(first);
  }

  /**
   * What is struck while a process is waited for to make its fault would not be its own work; and a
   * lost ledger is rebuilt while all else is well.
   */
  private static boolean canOverlap(Fault first, Fault second) {
    return !isAtPoint(second)
        && !(first instanceof Fault.LoseLedger)
        && !(second instanceof Fault.LoseLedger)
        && !first.target().equals(second.target())
        && !(isAtPoint(first) && service(first) == service(second));
  }

  private static boolean isAtPoint(Fault fault) {
    return fault instanceof Fault.KillAt || fault instanceof Fault.ZombieAt;
  }

  private static Service service(Fault fault) {
    return switch (fault) {
      case Fault.KillAt at -> Service.ofProcess(at.point().service());
      case Fault.ZombieAt at -> Service.ofProcess(at.point().service());
      case Fault.KillService kill -> kill.service();
      case Fault.FreezeService freeze -> freeze.service();
      case Fault.BreakLink link -> link.service();
      case Fault.KillServer kill -> null;
      case Fault.FreezeServer freeze -> null;
      case Fault.LoseLedger loss -> null;
      case Fault.FillDisk full -> null;
    };
  }

  private Fault one() {
    List<Fault> kinds = everyKind();
    if (!only.isEmpty()) {
      kinds.removeIf(fault -> only.stream().noneMatch(text -> matches(text, fault)));
      return kinds.get(random.nextInt(kinds.size()));
    }
    boolean atPoint = random.nextInt(100) < AT_POINTS_PERCENT;
    kinds.removeIf(fault -> isAtPoint(fault) != atPoint);
    return kinds.get(random.nextInt(kinds.size()));
  }

  private static boolean matches(String text, Fault fault) {
    return text.equals(fault.text()) || text.equals(fault.target());
  }

  /** One fault of each kind, with its details drawn. */
  private List<Fault> everyKind() {
    List<Fault> kinds = new ArrayList<>();
    int replica = random.nextInt(replicas);
    int passage = 1 + random.nextInt(3);
    for (FaultPoint point : FaultPoint.values()) {
      kinds.add(new Fault.KillAt(point, passage, replica));
      kinds.add(new Fault.ZombieAt(point, passage, replica));
    }
    for (Service service : Service.values()) {
      kinds.add(new Fault.KillService(service, replica));
      kinds.add(new Fault.FreezeService(service, replica));
    }
    for (Backend backend : Backend.values()) {
      kinds.add(new Fault.KillServer(backend, 500 + random.nextInt(5_000)));
      kinds.add(new Fault.FreezeServer(backend, 2_000 + random.nextInt(8_000)));
    }
    if (only.contains(Fault.FillDisk.OF_REDIS.text())) { // needs a disk of its own
      kinds.add(Fault.FillDisk.OF_REDIS);
    }
    for (Fault.Loss loss : Fault.Loss.values()) {
      kinds.add(new Fault.LoseLedger(loss, random.nextInt(32 << 10)));
    }
    for (String link :
        List.of(
            "order-svc>postgres",
            "match-svc>postgres",
            "settle-svc>postgres",
            "asset-svc>postgres",
            "settle-svc>redis",
            "order-svc>ledger",
            "asset-svc>ledger")) {
      String[] ends = link.split(">");
      Arrays.stream(Fault.Trouble.values())
          .forEach(trouble ->
              kinds.add(
                  new Fault.BreakLink(
                      Service.ofProcess(ends[0]),
                      replica,
                      ends[1],
                      trouble,
                      1_000 + random.nextInt(6_000))));
    }
    return kinds;
  }
}
