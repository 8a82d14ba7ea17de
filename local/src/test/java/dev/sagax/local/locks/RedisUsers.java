package dev.sagax.local.locks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The users of Redis as the chart lists them, each with its name and "-pw" as its password. */
public final class RedisUsers {
  public static final String ADMIN = "admin";
  public static final String LEDGER = "ledger";
  public static final String LIMITS = "limits";
  public static final String REBUILD = "rebuild";

  private RedisUsers() {}

  public static String password(String user) {
    return user + "-pw";
  }

  /** Writes the file for Redis. */
  public static Path write(Path file) {
    try {
      String users = Files.readString(chartsFile());
      for (String user : new String[] {ADMIN, LEDGER, LIMITS, REBUILD}) {
        users =
            users.replace(user.toUpperCase(java.util.Locale.ROOT) + "_PASSWORD", password(user));
      }
      Files.createDirectories(file.getParent());
      return Files.writeString(file, users);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path chartsFile() {
    Path inside = Path.of("k8s/sagax/files/redis-users.acl");
    return Files.exists(inside) ? inside : Path.of("..").resolve(inside);
  }
}
