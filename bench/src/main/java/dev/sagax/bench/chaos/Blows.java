package dev.sagax.bench.chaos;

import dev.sagax.local.ServiceProcess;
import dev.sagax.local.infra.Server;
import dev.sagax.platform.fault.FaultPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes blows of faults. */
final class Blows {
  /** Longer than a consumer's session of 6 s, so that another instance owns the partitions. */
  private static final int ZOMBIE_MILLIS = 9_000;

  private static final long HIT_MILLIS = 15_000;
  private static final long WORK_MILLIS = 5_000;
  private static final long LOOK_MILLIS = 5;
  private static final Pattern MADE = Pattern.compile("(?m)^(\\S+) (\\S+) .*work=([0-9]+)");

  private final Stack stack;
  private final Load load;
  private final Provocations provocations;

  Blows(Stack stack, Load load, Provocations provocations) {
    this.stack = stack;
    this.load = load;
    this.provocations = provocations;
  }

  Blow of(Fault fault) {
    return switch (fault) {
      case Fault.KillAt at -> new AtPoint(at.point(), "kill@" + at.passage(), at.replica(), false);
      case Fault.ZombieAt at ->
          new AtPoint(
              at.point(), "pause:" + ZOMBIE_MILLIS + "@" + at.passage(), at.replica(), true);
      case Fault.KillService kill -> killed(stack.instance(kill.service(), kill.replica()));
      case Fault.FreezeService freeze -> frozen(stack.instance(freeze.service(), freeze.replica()));
      case Fault.KillServer kill ->
          killed(kill.backend().of(stack.infrastructure()), kill.awayMillis());
      case Fault.FreezeServer freeze ->
          frozen(freeze.backend().of(stack.infrastructure()), freeze.millis());
      case Fault.BreakLink cut -> broken(stack.links().link(cut.link()), cut);
    };
  }

  /** What a fault from outside is made of. */
  private interface Act {
    void run() throws InterruptedException;
  }

  /** Strikes at a moment at which clients wait for answers. */
  private Blow outside(Act strike, Act heal) {
    return new Blow() {
      @Override
      public int begin() throws InterruptedException {
        int work = awaitWork();
        strike.run();
        return work;
      }

      @Override
      public void heal() throws InterruptedException {
        heal.run();
      }
    };
  }

  private int awaitWork() throws InterruptedException {
    long end = System.nanoTime() + WORK_MILLIS * 1_000_000;
    int work = load.unanswered();
    while (work == 0 && System.nanoTime() < end) {
      Thread.sleep(0, 200_000);
      work = load.unanswered();
    }
    return work;
  }

  private Blow killed(ServiceProcess process) {
    return outside(process::kill, () -> process.start(Map.of()));
  }

  private Blow frozen(ServiceProcess process) {
    return outside(
        process::pause,
        () -> {
          Thread.sleep(ZOMBIE_MILLIS);
          process.resume();
          process.awaitReady();
        });
  }

  private Blow killed(Server server, int awayMillis) {
    return outside(
        server::kill,
        () -> {
          Thread.sleep(awayMillis);
          server.start();
        });
  }

  private Blow frozen(Server server, int millis) {
    List<ProcessHandle> all = new ArrayList<>();
    return outside(
        () -> {
          ProcessHandle.of(server.pid())
              .ifPresent(root -> {
                all.add(root);
                root.descendants().forEach(all::add);
              });
          signal("STOP", all);
        },
        () -> {
          Thread.sleep(millis);
          signal("CONT", all);
        });
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

  private Blow broken(List<TcpProxy> link, Fault.BreakLink cut) {
    return outside(
        () ->
            link.forEach(proxy -> {
              switch (cut.trouble()) {
                case CUT -> proxy.cut();
                case STALL -> proxy.stall();
                case DELAY -> proxy.delay(cut.millis() / 20);
              }
            }),
        () -> {
          Thread.sleep(cut.millis());
          link.forEach(TcpProxy::heal);
        });
  }

  /** Starts one instance anew with the fault armed, and waits for it. */
  private final class AtPoint implements Blow {
    private final FaultPoint point;
    private final boolean zombie;
    private final String armed;
    private final ServiceProcess process;
    private int madeBefore;
    private long hitNanos;

    AtPoint(FaultPoint point, String action, int replica, boolean zombie) {
      this.point = point;
      this.zombie = zombie;
      this.armed =
          point
              .provokedBy()
              .map(cause -> cause + "=throw," + point + "=" + action)
              .orElse(point + "=" + action);
      this.process = stack.instance(Service.ofProcess(point.service()), replica);
    }

    @Override
    public int begin() throws InterruptedException {
      madeBefore = made().size();
      process.stop();
      process.begin(
          Map.of("SAGAX_FAULTS", armed, "SAGAX_FAULTS_LOG", stack.faultsLog().toString()));
      long end = System.nanoTime() + HIT_MILLIS * 1_000_000;
      provocations.prepare(point);
      while (work() == 0 && System.nanoTime() < end) {
        provocations.provoke(point);
        Thread.sleep(LOOK_MILLIS);
      }
      hitNanos = System.nanoTime();
      return work();
    }

    @Override
    public void heal() throws InterruptedException {
      if (zombie && work() > 0) {
        Thread.sleep(Math.max(0, ZOMBIE_MILLIS - (System.nanoTime() - hitNanos) / 1_000_000));
        process.awaitReady();
        return;
      }
      if (process.isAlive() && work() > 0) {
        Thread.sleep(200); // its end is near: the line is written before
      }
      if (process.isAlive()) {
        process.stop();
      }
      process.start(Map.of());
    }

    /** The work at the fault of our point, 0 while it is not made. */
    private int work() {
      List<String> lines = made();
      for (String line : lines.subList(Math.min(madeBefore, lines.size()), lines.size())) {
        Matcher parts = MADE.matcher(line);
        if (parts.find() && parts.group(1).equals(point.toString())) {
          return Integer.parseInt(parts.group(3));
        }
      }
      return 0;
    }

    private List<String> made() {
      try {
        return Files.exists(stack.faultsLog()) ? Files.readAllLines(stack.faultsLog()) : List.of();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
