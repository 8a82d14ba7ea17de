package dev.sagax.platform.boot;

import dev.sagax.platform.log.Faults;
import dev.sagax.platform.schema.Migrator;
import dev.sagax.platform.schema.ServiceSchema;
import dev.sagax.platform.tls.StoreAddress;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ExitCode;

/**
 * A process that brings the schemas of the services on its class path to the version of this build,
 * and ends: a roll-out with {@code migrations.run=false} begins with it. It takes a service's
 * settings. {@code postgres.owner.uri} names the owner of the schemas, who then grants the user of
 * {@code postgres.uri} what a service needs of them; without it that user is the owner.
 *
 * <p>With {@code --repair} it first forgets migrations that failed outside of a transaction.
 */
public final class MigrateMain {
  private static final int ATTEMPTS = 6;
  private static final long PAUSE_SECONDS = 5;
  private static final String REPAIR = "--repair";

  private MigrateMain() {}

  public static void main(String[] args) {
    System.exit(run(List.of(args), System.getenv(), ATTEMPTS, System.out, System.err));
  }

  /**
   * 0 if all schemas are as this build needs them, 1 if not or if PostgreSQL stays away, 2 for bad
   * settings.
   */
  static int run(
      List<String> args,
      Map<String, String> environment,
      int attempts,
      PrintStream out,
      PrintStream err) {
    if (!args.isEmpty() && !args.equals(List.of(REPAIR))) {
      err.printf("Expected nothing or %s, but got %s.%n", REPAIR, String.join(" ", args));
      return ExitCode.USAGE;
    }
    try {
      ServiceConfig config = ServiceConfig.load(0, environment, null);
      String owner = config.security().ownerUri();
      Migrator migrator = new Migrator(owner.isEmpty() ? config.postgresUri() : owner);
      for (ServiceSchema schema : ServiceLoader.load(ServiceSchema.class)) {
        if (!migrated(migrator, schema, args.contains(REPAIR), attempts, out, err)) {
          return ExitCode.SOFTWARE;
        }
        if (!owner.isEmpty()) {
          migrator.grant(schema, StoreAddress.postgres(config.postgresUri()).getUser());
        }
      }
      return ExitCode.OK;
    } catch (IllegalArgumentException badSetting) {
      err.println(badSetting.getMessage());
      return ExitCode.USAGE;
    } catch (IllegalStateException failed) {
      err.println(failed.getMessage());
      return ExitCode.SOFTWARE;
    }
  }

  private static boolean migrated(
      Migrator migrator,
      ServiceSchema schema,
      boolean repair,
      int attempts,
      PrintStream out,
      PrintStream err) {
    for (int attempt = 1; attempt <= attempts; attempt++) {
      try {
        if (repair) {
          migrator.repair(schema);
        }
        int applied = migrator.migrate(schema);
        out.printf(
            "The schema %s is as this build needs it; migrations applied: %d.%n",
            schema.name(), applied);
        return true;
      } catch (RuntimeException failure) {
        if (!Faults.isInfrastructure(failure)) {
          throw failure;
        }
        err.printf("Attempt %d of %d: %s%n", attempt, attempts, failure.getMessage());
      }
      if (attempt < attempts && !rested()) {
        return false;
      }
    }
    return false;
  }

  private static boolean rested() {
    try {
      TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
      return true;
    } catch (InterruptedException told) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
