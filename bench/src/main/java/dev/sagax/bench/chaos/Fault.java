package dev.sagax.bench.chaos;

import dev.sagax.platform.fault.FaultPoint;

/** Something that goes wrong. Its text, {@code TARGET=ACTION}, is what {@code --only} takes. */
sealed interface Fault {

  /** What it strikes, as the table shows it. */
  String target();

  /** What happens to it. */
  String action();

  default String text() {
    return target() + "=" + action();
  }

  /** A process dies at a named point of its work. */
  record KillAt(FaultPoint point, int passage, int replica) implements Fault {
    @Override
    public String target() {
      return point.toString();
    }

    @Override
    public String action() {
      return "kill";
    }
  }

  /** A process stands still at a named point, for longer than its session, and then goes on. */
  record ZombieAt(FaultPoint point, int passage, int replica) implements Fault {
    @Override
    public String target() {
      return point.toString();
    }

    @Override
    public String action() {
      return "zombie";
    }
  }

  /** SIGKILL of a service's process. */
  record KillService(Service service, int replica) implements Fault {
    @Override
    public String target() {
      return service.processName;
    }

    @Override
    public String action() {
      return "kill";
    }
  }

  /** SIGSTOP of a service's process, and SIGCONT when its partitions have another owner. */
  record FreezeService(Service service, int replica) implements Fault {
    @Override
    public String target() {
      return service.processName;
    }

    @Override
    public String action() {
      return "zombie";
    }
  }

  /** SIGKILL of a server, which comes back over the same data. */
  record KillServer(Backend backend, int awayMillis) implements Fault {
    @Override
    public String target() {
      return backend.text;
    }

    @Override
    public String action() {
      return "kill";
    }
  }

  /** SIGSTOP of a server for some seconds. */
  record FreezeServer(Backend backend, int millis) implements Fault {
    @Override
    public String target() {
      return backend.text;
    }

    @Override
    public String action() {
      return "freeze";
    }
  }

  /** How Redis loses what it had answered for. */
  enum Loss {
    FLUSHALL,
    CUT_AOF;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Redis loses what it had answered for, and the ledger has to be rebuilt.
   *
   * @param bytes how much of the append-only file is cut beyond what clients were answered
   */
  record LoseLedger(Loss loss, int bytes) implements Fault {
    @Override
    public String target() {
      return Backend.REDIS.text;
    }

    @Override
    public String action() {
      return loss.toString();
    }
  }

  /**
   * The disk that a server writes to is full; it has room again when the server is started anew.
   */
  record FillDisk(Backend backend) implements Fault {

    @Override
    public String target() {
      return backend.text + "-disk";
    }

    @Override
    public String action() {
      return "full";
    }
  }

  /** What happens to connections. */
  enum Trouble {
    CUT,
    STALL,
    DELAY;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** A service's connections to a server are cut, held up or slowed down. */
  record BreakLink(Service service, int replica, String to, Trouble trouble, int millis)
      implements Fault {
    @Override
    public String target() {
      return service.processName + ">" + to;
    }

    @Override
    public String action() {
      return trouble.toString();
    }

    String link() {
      return service.processName + "-" + replica + ">" + to;
    }
  }
}
