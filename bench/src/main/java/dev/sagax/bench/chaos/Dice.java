package dev.sagax.bench.chaos;

import dev.sagax.platform.fault.FaultPoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Draws faults. The same seed draws the same faults in the same order. */
final class Dice {
  /** In how many draws a second fault is drawn too; nearly half of these cannot overlap. */
  private static final int OVERLAPPING_PERCENT = 40;

  /**
   * What is drawn first, and how many cards of it are in the deck. The deck is drawn to its end
   * before it is shuffled anew, so a run of some minutes has all of them. No card: only by its
   * name.
   */
  private enum Sort {
    POINT_KILL(8),
    POINT_ZOMBIE(5),
    SERVICE_KILL(2),
    SERVICE_ZOMBIE(2),
    KAFKA_KILL(1),
    KAFKA_FREEZE(1),
    REDIS_KILL(1),
    REDIS_FREEZE(1),
    POSTGRES_KILL(1),
    POSTGRES_FREEZE(1),
    FLUSHALL(1),
    CUT_AOF(1),
    LINK_CUT(2),
    LINK_STALL(2),
    LINK_DELAY(1),
    DISK_FULL(0);

    final int cards;

    Sort(int cards) {
      this.cards = cards;
    }

    static Sort of(Fault fault) {
      return switch (fault) {
        case Fault.KillAt at -> POINT_KILL;
        case Fault.ZombieAt at -> POINT_ZOMBIE;
        case Fault.KillService kill -> SERVICE_KILL;
        case Fault.FreezeService freeze -> SERVICE_ZOMBIE;
        case Fault.KillServer kill ->
            switch (kill.backend()) {
              case KAFKA -> KAFKA_KILL;
              case REDIS -> REDIS_KILL;
              case POSTGRES -> POSTGRES_KILL;
            };
        case Fault.FreezeServer freeze ->
            switch (freeze.backend()) {
              case KAFKA -> KAFKA_FREEZE;
              case REDIS -> REDIS_FREEZE;
              case POSTGRES -> POSTGRES_FREEZE;
            };
        case Fault.LoseLedger loss ->
            switch (loss.loss()) {
              case FLUSHALL -> FLUSHALL;
              case CUT_AOF -> CUT_AOF;
            };
        case Fault.BreakLink link ->
            switch (link.trouble()) {
              case CUT -> LINK_CUT;
              case STALL -> LINK_STALL;
              case DELAY -> LINK_DELAY;
            };
        case Fault.FillDisk full -> DISK_FULL;
      };
    }
  }

  private final RandomGenerator random;
  private final int replicas;
  private final List<String> only;
  private final Deque<Sort> deck = new ArrayDeque<>();

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
    if (!only.isEmpty() || random.nextInt(100) >= OVERLAPPING_PERCENT) {
      return List.of(first);
    }
    Fault second = one();
    if (canOverlap(first, second)) {
      return List.of(first, second);
    }
    if (canOverlap(second, first)) {
      return List.of(second, first);
    }
    deck.push(Sort.of(second));
    return List.of(first);
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
    if (deck.isEmpty()) {
      shuffle();
    }
    Sort sort = deck.pop();
    kinds.removeIf(fault -> Sort.of(fault) != sort);
    return kinds.get(random.nextInt(kinds.size()));
  }

  private void shuffle() {
    List<Sort> cards = new ArrayList<>();
    for (Sort sort : Sort.values()) {
      cards.addAll(Collections.nCopies(sort.cards, sort));
    }
    Collections.shuffle(cards, random);
    deck.addAll(cards);
  }

  private static boolean matches(String text, Fault fault) {
    return text.equals(fault.text()) || text.equals(fault.target());
  }

  /** The servers that need a small disk of their own, because a full one is asked for. */
  static Set<Backend> smallDisks(List<String> only) {
    Set<Backend> servers = EnumSet.noneOf(Backend.class);
    for (Backend backend : Backend.values()) {
      Fault full = new Fault.FillDisk(backend);
      if (only.stream().anyMatch(text -> matches(text, full))) {
        servers.add(backend);
      }
    }
    return servers;
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
    smallDisks(only).forEach(backend -> kinds.add(new Fault.FillDisk(backend)));
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
