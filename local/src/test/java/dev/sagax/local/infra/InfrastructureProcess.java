package dev.sagax.local.infra;

import java.nio.file.Path;

/** A process that starts everything, prints the three process ids and then stays until killed. */
final class InfrastructureProcess {
  private InfrastructureProcess() {}

  public static void main(String[] arguments) throws Exception {
    Infrastructure infrastructure =
        Infrastructure.start(Path.of(arguments[0]), line -> System.err.println(line));
    System.out.println(
        "%d %d %d"
            .formatted(
                infrastructure.kafka().pid(),
                infrastructure.redis().pid(),
                infrastructure.postgres().pid()));
    Thread.currentThread().join();
  }
}
