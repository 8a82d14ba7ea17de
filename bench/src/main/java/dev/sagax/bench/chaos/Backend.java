package dev.sagax.bench.chaos;

import dev.sagax.local.infra.Infrastructure;
import dev.sagax.local.infra.Server;
import java.util.Arrays;
import java.util.Locale;

/** The three servers. */
enum Backend {
  KAFKA,
  REDIS,
  POSTGRES;

  /** "kafka" */
  final String text = name().toLowerCase(Locale.ROOT);

  Server of(Infrastructure infrastructure) {
    return switch (this) {
      case KAFKA -> infrastructure.kafka();
      case REDIS -> infrastructure.redis();
      case POSTGRES -> infrastructure.postgres();
    };
  }

  /**
   * @throws IllegalArgumentException naming all if there is none
   */
  static Backend ofText(String text) {
    return Arrays.stream(values())
        .filter(backend -> backend.text.equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "There is no server %s; there are kafka, redis and postgres.".formatted(text)));
  }
}
