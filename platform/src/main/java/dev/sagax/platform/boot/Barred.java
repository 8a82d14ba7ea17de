package dev.sagax.platform.boot;

import dev.sagax.platform.tls.TlsAdvice;
import dev.sagax.platform.tls.TlsException;
import io.vertx.pgclient.PgException;
import java.sql.SQLException;
import java.util.Optional;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;

/**
 * Tells a store that turns us away from one that is away. Waiting does not help against a wrong
 * password, a wrong CA or a missing right: the start ends, with one sentence that names the setting
 * and the cure, and whoever runs the process sees that it does not come up.
 */
final class Barred {
  private static final int MAX_CAUSES = 16;

  /** Wrong user or password; no such role may log in. */
  private static final String LOGIN = "28";

  private static final String NO_ROLE = "42704";
  private static final String NO_RIGHT = "42501";

  private final ServiceConfig config;

  Barred(ServiceConfig config) {
    this.config = config;
  }

  /** What to do, if it is us who are not wanted. */
  Optional<String> advice(Throwable failure) {
    int depth = 0;
    for (Throwable t = failure; t != null && depth++ < MAX_CAUSES; t = t.getCause()) {
      Optional<String> known = known(t, isOwners(failure));
      if (known.isPresent()) {
        return known;
      }
    }
    String setting = setting(failure);
    return TlsAdvice.of(failure, "PostgreSQL", "sslrootcert in " + setting)
        .map(advice -> setting + ": " + advice + ".");
  }

  private static String setting(Throwable failure) {
    return isOwners(failure) ? "postgres.owner.uri" : "postgres.uri";
  }

  private static boolean isOwners(Throwable failure) {
    int depth = 0;
    for (Throwable t = failure; t != null && depth++ < MAX_CAUSES; t = t.getCause()) {
      if (t instanceof OwnerException) {
        return true;
      }
    }
    return false;
  }

  private Optional<String> known(Throwable failure, boolean owners) {
    return switch (failure) {
      case TlsException files ->
          Optional.of(
              owners
                  ? files.getMessage().replace("postgres.uri", "postgres.owner.uri")
                  : files.getMessage());
      case SaslAuthenticationException login ->
          Optional.of(
              "kafka.username and kafka.password: the brokers at %s refuse the login of %s (%s). Correct the two, or make the user there."
                  .formatted(
                      config.kafkaBootstrap(),
                      config.security().kafka().username(),
                      login.getMessage()));
      case SslAuthenticationException tls ->
          Optional.of(
              "kafka.bootstrap (%s): %s."
                  .formatted(
                      config.kafkaBootstrap(),
                      TlsAdvice.of(tls, "the brokers", "kafka.ca").orElse(tls.getMessage())));
      case AuthorizationException right ->
          Optional.of(
              "kafka.username: the brokers do not let %s do what it must (%s). Give it the ACLs of README, Security."
                  .formatted(config.security().kafka().username(), right.getMessage()));
      case PgException postgres ->
          ofPostgres(postgres.getSqlState(), postgres.getErrorMessage(), owners);
      case SQLException postgres ->
          ofPostgres(postgres.getSQLState(), postgres.getMessage(), owners);
      default -> Optional.empty();
    };
  }

  private Optional<String> ofPostgres(String stateOrNull, String message, boolean owners) {
    String state = stateOrNull == null ? "" : stateOrNull;
    if (state.startsWith(LOGIN)) {
      return Optional.of(
          "%s: PostgreSQL refuses the login (%s). Correct its user and password, or make the role there."
              .formatted(owners ? "postgres.owner.uri" : "postgres.uri", message));
    }
    if (owners && state.equals(NO_ROLE)) {
      return Optional.of(
          "postgres.uri: its role cannot be granted what it needs (%s). Make the role in PostgreSQL."
              .formatted(message));
    }
    if (owners && state.equals(NO_RIGHT)) {
      return Optional.of(
          "postgres.owner.uri: the owner lacks a right (%s). Grant create on the database to it, and make the schema and its tables its own."
              .formatted(message));
    }
    if (state.equals(NO_ROLE) || state.equals(NO_RIGHT)) {
      return Optional.of(
          "postgres.uri: the role lacks a right (%s). Start the service once with postgres.owner.uri, which makes the tables and grants it what it needs."
              .formatted(message));
    }
    return Optional.empty();
  }
}
