package dev.sagax.bench.chaos;

import dev.sagax.local.ServiceProcess;
import dev.sagax.local.infra.Server;
import dev.sagax.platform.fault.FaultPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes blows of faults. */
final class Blows {
  /** Longer than a consumer's session of 6 s, so that another instance owns the partitions. */
  private static final int ZOMBIE_MILLIS = 9_000;

  /** Longer than a client waits. No partition moves, so nothing else has to be waited for. */
  private static final int API_ZOMBIE_MILLIS = 5_000;

  private static final long HIT_MILLIS = 30_000;
  private static final long TRY_MILLIS = 4_000;
  private static final long DISARM_MILLIS = 200;
  private static final long WORK_MILLIS = 5_000;
  private static final long LOOK_MILLIS = 5;
  private static final long DEATH_MILLIS = 10_000;
  private static final Pattern MADE = Pattern.compile("^(\\S+) \\S+ .*work=([0-9]+) pid=([0-9]+)");

  private final Stack stack;
  private final Load load;
  private final Told told;
  private final Provocations provocations;
  private final Checks checks;
  private final Runbook runbook;
  private final Tampering tampering;

  Blows(
      Stack stack,
      Load load,
      Told told,
      Provocations provocations,
      Checks checks,
      Runbook runbook,
      Tampering tampering) {
    this.checks = checks;
    this.stack = stack;
    this.load = load;
    this.told = told;
    this.provocations = provocations;
    this.runbook = runbook;
    this.tampering = tampering;
  }

  Blow of(Fault fault) {
    return switch (fault) {
      case Fault.KillAt at -> new AtPoint(at.point(), "kill@" + at.passage(), at.replica(), false);
      case Fault.ZombieAt at ->
          new AtPoint(
              at.point(),
              "pause:" + zombieMillis(at.point()) + "@" + at.passage(),
              at.replica(),
              true);
      case Fault.KillService kill -> killed(kill.service(), kill.replica());
      case Fault.FreezeService freeze -> frozen(freeze.service(), freeze.replica());
      case Fault.KillServer kill ->
          killed(kill.backend().of(stack.infrastructure()), kill.awayMillis());
      case Fault.FreezeServer freeze ->
          frozen(freeze.backend().of(stack.infrastructure()), freeze.millis());
      case Fault.LoseLedger loss -> new LostLedger(loss, stack, load, told, runbook, tampering);
      case Fault.FillDisk full -> filled(full.backend());
      case Fault.BreakLink cut -> broken(stack.links().link(cut.link()), cut);
    };
  }

  private static int zombieMillis(FaultPoint point) {
    return point.area().equals("api") ? API_ZOMBIE_MILLIS : ZOMBIE_MILLIS;
  }

  /** What a fault from outside is made of. */
  private interface Act {
    void run() throws InterruptedException;
  }

  /**
   * What is under way anywhere at a moment at which clients wait for answers; what is not settled
   * counts too. That is looked up now: later another blow may have taken PostgreSQL away.
   */
  private IntSupplier anyWork() {
    int unapplied = checks.underWay();
    return () -> {
      int waiting = load.unanswered();
      return waiting == 0 ? 0 : waiting + unapplied;
    };
  }

  /**
   * What one process has under way, as far as can be seen from outside: the calls that clients wait
   * for from it, and the records that its service has not applied. The calls that services make of
   * each other are not seen. The records are those of now, if another blow has taken PostgreSQL
   * away when they are asked for.
   */
  private IntSupplier workOf(Service service, int replica) {
    int now = checks.underWay(service);
    return () -> load.unansweredBy(service, replica) + underWay(service, now);
  }

  private int underWay(Service service, int before) {
    try {
      return checks.underWay(service);
    } catch (IllegalStateException postgresIsAway) {
      return before;
    }
  }

  /**
   * Strikes at a moment at which there is work under way, if one comes.
   *
   * @param millis how long it lasts at least, from the strike on
   */
  private Blow outside(
      IntSupplier work, Act strike, int millis, Act heal, ServiceProcess... comeBack) {
    return new Blow() {
      private long struckNanos;

      @Override
      public int begin() throws InterruptedException {
        int underWay = awaitWork(work);
        strike.run();
        struckNanos = System.nanoTime();
        return underWay;
      }

      @Override
      public void heal() throws InterruptedException {
        Thread.sleep(Math.max(0, millis - (System.nanoTime() - struckNanos) / 1_000_000));
        heal.run();
      }

      @Override
      public List<ServiceProcess> comeBack() {
        return List.of(comeBack);
      }
    };
  }

  /** How much is under way; 0 if nothing is for some seconds. */
  static int awaitWork(IntSupplier work) throws InterruptedException {
    long end = System.nanoTime() + WORK_MILLIS * 1_000_000;
    int underWay = work.getAsInt();
    while (underWay == 0 && System.nanoTime() < end) {
      Thread.sleep(0, 200_000);
      underWay = work.getAsInt();
    }
    return underWay;
  }

  private Blow killed(Service service, int replica) {
    ServiceProcess process = stack.instance(service, replica);
    return outside(
        workOf(service, replica), process::kill, 0, () -> process.begin(Map.of()), process);
  }

  private Blow frozen(Service service, int replica) {
    ServiceProcess process = stack.instance(service, replica);
    return outside(
        workOf(service, replica), process::pause, ZOMBIE_MILLIS, process::resume, process);
  }

  private Blow killed(Server server, int awayMillis) {
    return outside(anyWork(), server::kill, awayMillis, server::start);
  }

  private Blow frozen(Server server, int millis) {
    List<ProcessHandle> all = new ArrayList<>();
    return outside(
        anyWork(),
        () -> {
          ProcessHandle.of(server.pid())
              .ifPresent(root -> {
                all.add(root);
                root.descendants().forEach(all::add);
              });
          signal("STOP", all);
        },
        millis,
        () -> signal("CONT", all));
  }

  private static void signal(String signal, List<ProcessHandle> processes)
      throws InterruptedException {
    String pids =
        processes.stream().map(p -> Long.toString(p.pid())).collect(Collectors.joining(" "));
    try {
      // One of them may have ended meanwhile, which is well.
      new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + pids + " 2>&1")
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A server that cannot write what it would answer for ends itself. Kafka only closes its
   * listeners and then waits long for its controller, whose log is full as well, so it is killed.
   */
  private Blow filled(Backend backend) {
    Server server = backend.of(stack.infrastructure());
    return outside(
        anyWork(),
        () -> {
          stack.smallDisk(backend).fill();
          awaitEnd(backend, server);
        },
        0,
        () -> {
          if (backend == Backend.KAFKA) {
            server.kill();
          }
          stack.smallDisk(backend).free();
          server.start();
        });
  }

  private void awaitEnd(Backend backend, Server server) throws InterruptedException {
    long end = System.nanoTime() + HIT_MILLIS * 1_000_000;
    while (server.isRunning() && !(backend == Backend.KAFKA && isClosed(server))) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(backend.text + " goes on although its disk is full.");
      }
      if (backend == Backend.POSTGRES) {
        wantMoreRoom();
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static boolean isClosed(Server server) {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      return !socket.isConnected();
    } catch (IOException refused) {
      return true;
    }
  }

  /**
   * PostgreSQL has the room of a whole segment of its log beforehand. Until that is full it only
   * refuses what makes a table larger; so it is made to begin the next one.
   */
  private void wantMoreRoom() {
    try {
      stack.stores().rows("select pg_switch_wal()");
    } catch (IllegalStateException refused) {
      // It is about to end.
    }
  }

  private Blow broken(List<TcpProxy> link, Fault.BreakLink cut) {
    return outside(
        workOf(cut.service(), cut.replica()),
        () ->
            link.forEach(proxy -> {
              switch (cut.trouble()) {
                case CUT -> proxy.cut();
                case STALL -> proxy.stall();
                case DELAY -> proxy.delay(cut.millis() / 20);
              }
            }),
        cut.millis(),
        () -> link.forEach(TcpProxy::heal));
  }

  /** Arms processes that run, one after the other, until one of them has made the fault. */
  private final class AtPoint implements Blow {
    private final FaultPoint point;
    private final boolean zombie;
    private final int pauseMillis;
    private final String armed;
    private final List<ServiceProcess> candidates;
    private int madeBefore;
    private long hitNanos;

    AtPoint(FaultPoint point, String action, int replica, boolean zombie) {
      this.point = point;
      this.zombie = zombie;
      this.pauseMillis = zombieMillis(point);
      this.armed =
          point
              .provokedBy()
              .map(cause -> cause + "=throw," + point + "=" + action)
              .orElse(point + "=" + action);
      this.candidates = inTurn(Service.ofProcess(point.service()), replica);
    }

    private List<ServiceProcess> inTurn(Service service, int first) {
      List<ServiceProcess> all = new ArrayList<>(stack.instances());
      all.removeIf(process -> !process.service().equals(service.processName));
      Collections.rotate(all, -first);
      return all;
    }

    @Override
    public int begin() throws InterruptedException {
      madeBefore = made().size();
      provocations.prepare(point);
      long end = System.nanoTime() + HIT_MILLIS * 1_000_000;
      for (int turn = 0; made(point).isEmpty() && System.nanoTime() < end; turn++) {
        tryFor(candidates.get(turn % candidates.size()));
      }
      hitNanos = System.nanoTime();
      if (!zombie && made(point).isPresent()) {
        startAgain(processOf(made(point).get().pid()));
      }
      return made(point).map(Made::work).orElse(0);
    }

    /** Not every process passes the point at present: it may own no partition that has work. */
    private void tryFor(ServiceProcess process) throws InterruptedException {
      runbook.mend();
      stack.plan(process, armed);
      long end = System.nanoTime() + TRY_MILLIS * 1_000_000;
      while (made(point).isEmpty() && System.nanoTime() < end) {
        provocations.provoke(point, process);
        Thread.sleep(LOOK_MILLIS);
      }
      stack.plan(process, "");
      if (made(point).isEmpty()) {
        Thread.sleep(DISARM_MILLIS);
      }
    }

    private ServiceProcess processOf(long pid) {
      return candidates.stream().filter(process -> process.pid() == pid).findFirst().orElseThrow();
    }

    /** The line is written just before it dies. */
    private void startAgain(ServiceProcess process) throws InterruptedException {
      long end = System.nanoTime() + DEATH_MILLIS * 1_000_000;
      while (process.isAlive() && System.nanoTime() < end) {
        Thread.sleep(LOOK_MILLIS);
      }
      process.begin(Map.of());
    }

    @Override
    public void heal() throws InterruptedException {
      if (zombie && made(point).isPresent()) {
        long passed = (System.nanoTime() - hitNanos) / 1_000_000;
        Thread.sleep(Math.max(0, pauseMillis - passed));
      }
    }

    @Override
    public List<ServiceProcess> comeBack() {
      return candidates;
    }

    /** The fault at a point, if it has been made. */
    private Optional<Made> made(FaultPoint point) {
      List<String> lines = made();
      return lines.subList(Math.min(madeBefore, lines.size()), lines.size()).stream()
          .flatMap(line -> Made.ofLine(line).stream())
          .filter(made -> made.point().equals(point.toString()))
          .findFirst();
    }

    private List<String> made() {
      try {
        return Files.exists(stack.faultsLog()) ? Files.readAllLines(stack.faultsLog()) : List.of();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What a process says of a fault that it makes. */
  private record Made(String point, int work, long pid) {
    static Optional<Made> ofLine(String line) {
      Matcher parts = MADE.matcher(line);
      return parts.find()
          ? Optional.of(
              new Made(
                  parts.group(1), Integer.parseInt(parts.group(2)), Long.parseLong(parts.group(3))))
          : Optional.empty();
    }
  }
}
