package dev.sagax.platform.boot;

import dev.sagax.platform.log.Faults;
import dev.sagax.platform.schema.Migrator;
import dev.sagax.platform.schema.ServiceSchema;
import dev.sagax.platform.tls.StoreAddress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
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
  private static final Duration PAUSE = Duration.ofSeconds(5);
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
      Attempts patience = new Attempts(attempts, PAUSE, err);
      for (ServiceSchema schema : ServiceLoader.load(ServiceSchema.class)) {
        if (!patience.succeed(
            MigrateMain::away,
            () ->
                out.printf(
                    "The schema %s is as this build needs it; migrations applied: %d.%n",
                    schema.name(), migrated(migrator, schema, args.contains(REPAIR))))) {
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

  private static int migrated(Migrator migrator, ServiceSchema schema, boolean repair) {
    if (repair) {
      migrator.repair(schema);
    }
    return migrator.migrate(schema);
  }

  private static Optional<String> away(RuntimeException failure) {
    return Faults.isInfrastructure(failure)
        ? Optional.of(String.valueOf(failure.getMessage()))
        : Optional.empty();
  }
}
