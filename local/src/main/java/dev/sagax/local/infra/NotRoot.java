package dev.sagax.local.infra;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * PostgreSQL refuses to run as root. Where we are root it runs in a user namespace, in which the
 * same owner of the same files appears as "nobody".
 */
final class NotRoot {
  private static final List<List<String>> WAYS =
      List.of(List.of("unshare", "-U", "--map-user=65534"), List.of("unshare", "-U"));

  private static List<String> prefix;

  private NotRoot() {}

  /** The words to put before a command; none if we are not root. */
  static synchronized List<String> prefix() throws IOException {
    if (prefix == null) {
      prefix = isRoot() ? firstThatWorks() : List.of();
    }
    return prefix;
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  private static List<String> firstThatWorks() throws IOException {
    for (List<String> way : WAYS) {
      if (works(way)) {
        return way;
      }
    }
    throw new InfrastructureException(
        "PostgreSQL refuses to run as root, and this machine lets no user namespace be made"
            + " (unshare -U). Run Sagax as another user.");
  }

  private static boolean works(List<String> way) throws IOException {
    List<String> words = new ArrayList<>(way);
    words.add("true");
    try {
      return new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InfrastructureException("The start of PostgreSQL was interrupted.", e);
    }
  }
}
