package dev.sagax.bench.client;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The exchange of this machine that a command is about, whether it runs or not; a mixin. */
public final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "The data directory of the exchange, which may run or not (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of(".sagax");

  public Path directory() {
    return data.toAbsolutePath().normalize();
  }
}
