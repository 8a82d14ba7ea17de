package dev.sagax.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * CPU time that a process and everything it started have used, by kind of process; from
 * /proc/PID/stat.
 */
final class ProcessCpu {
  /** Kernel clock ticks are 1/100 s wherever Linux runs Java. */
  private static final long MICROS_PER_TICK = 10_000;

  private static final int UTIME = 11;
  private static final int CSTIME = 14;

  private ProcessCpu() {}

  /**
   * Microseconds by kind: services, kafka, redis, postgres. Children that have ended count with
   * their parent.
   */
  static Map<String, Long> ofTree(long rootPid) {
    Map<String, Long> micros = new TreeMap<>();
    ProcessHandle root = ProcessHandle.of(rootPid).orElseThrow();
    Stream.concat(Stream.of(root), root.descendants())
        .forEach(process -> micros.merge(kind(process, rootPid), micros(process.pid()), Long::sum));
    return micros;
  }

  /** Microseconds of this process. */
  static long ofThisProcess() {
    return micros(ProcessHandle.current().pid());
  }

  private static String kind(ProcessHandle process, long rootPid) {
    String command = commandLine(process.pid());
    if (process.pid() == rootPid) {
      return "services";
    }
    if (command.contains("KafkaChild")) {
      return "kafka";
    }
    return command.contains("redis") ? "redis" : "postgres";
  }

  private static String commandLine(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
    } catch (IOException gone) {
      return "";
    }
  }

  /** Own time and that of children waited for: fields utime, stime, cutime, cstime of proc(5). */
  private static long micros(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long ticks = 0;
      for (int i = UTIME; i <= CSTIME; i++) {
        ticks += Long.parseLong(fields[i]);
      }
      return ticks * MICROS_PER_TICK;
    } catch (IOException gone) {
      return 0;
    }
  }
}
