package dev.sagax.platform.boot;

import dev.sagax.platform.tls.TlsAdvice;
import dev.sagax.platform.tls.TlsException;
import io.vertx.pgclient.PgException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
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

  /** No such role, or no right; the second is what grants are for. */
  private static final Set<String> RIGHTS = Set.of("42501", "42704");

  private final ServiceConfig config;

  Barred(ServiceConfig config) {
    this.config = config;
  }

  /** What to do, if it is us who are not wanted. */
  Optional<String> advice(Throwable failure) {
    int depth = 0;
    for (Throwable t = failure; t != null && depth++ < MAX_CAUSES; t = t.getCause()) {
      Optional<String> known = known(t);
      if (known.isPresent()) {
        return known;
      }
    }
    return TlsAdvice.of(failure, "PostgreSQL", "sslrootcert in postgres.uri")
        .map(advice -> "postgres.uri: " + advice + ".");
  }

  private Optional<String> known(Throwable failure) {
    return switch (failure) {
      case TlsException files -> Optional.of(files.getMessage());
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
      case PgException postgres -> ofPostgres(postgres.getSqlState(), postgres.getErrorMessage());
      case SQLException postgres -> ofPostgres(postgres.getSQLState(), postgres.getMessage());
      default -> Optional.empty();
    };
  }

  private Optional<String> ofPostgres(String stateOrNull, String message) {
    String state = stateOrNull == null ? "" : stateOrNull;
    if (state.startsWith(LOGIN)) {
      return Optional.of(
          "postgres.uri: PostgreSQL refuses the login (%s). Correct its user and password, or make the role there."
              .formatted(message));
    }
    if (RIGHTS.contains(state)) {
      return Optional.of(
          "postgres.uri: the role lacks a right (%s). Start the service once with postgres.owner.uri, which makes the tables and grants it what it needs."
              .formatted(message));
    }
    return Optional.empty();
  }
}
