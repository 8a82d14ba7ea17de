package dev.sagax.local.infra;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What Linux tells about processes in /proc. */
final class Processes {
  private Processes() {}

  /**
   * The ids of processes of this name whose working directory is this one. Each local server works
   * in its data directory, so this finds servers of earlier runs, PostgreSQL's backends included.
   */
  static List<Long> runningIn(Path directory, String name) {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      Path real = directory.toRealPath();
      for (Path entry : entries) {
        if (isAt(entry, real) && isNamed(entry, name)) {
          found.add(Long.valueOf(entry.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new InfrastructureException("The processes of this machine cannot be listed.", e);
    }
    return found;
  }

  private static boolean isAt(Path process, Path directory) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).equals(directory);
    } catch (IOException goneOrForeign) {
      return false;
    }
  }

  private static boolean isNamed(Path process, String name) {
    try {
      return Files.readString(process.resolve("comm")).strip().equals(name);
    } catch (IOException gone) {
      return false;
    }
  }
}
