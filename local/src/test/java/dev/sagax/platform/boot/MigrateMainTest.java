package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.infra.PostgresServer;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.schema.ServiceSchema;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrateMainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void bringsEverySchemaOfTheClassPathToItsVersionOnce(@TempDir Path home) {
    try (PostgresServer postgres = new PostgresServer(home, 0)) {
      postgres.start();

      assertThat(run(postgres.uri())).as(said(err)).isZero();
      assertThat(said(out).lines())
          .containsExactlyElementsOf(
              ServiceLoader.load(ServiceSchema.class).stream()
                  .map(ServiceLoader.Provider::get)
                  .map(
                      schema -> // and the tables of the steps
                      "The schema %s is as this build needs it; migrations applied: %d."
                              .formatted(schema.name(), schema.migrations().size() + 1))
                  .toList());

      out.reset();
      assertThat(run(postgres.uri(), "--repair")).as(said(err)).isZero();
      assertThat(said(out).lines()).hasSize(4).allMatch(line -> line.endsWith("applied: 0."));
    }
  }

  @Test
  void saysThatTheServerStaysAwayOrThatItWasCalledWrongly() {
    assertThat(run("postgresql://sagax@127.0.0.1:1/sagax")).isEqualTo(1);
    assertThat(said(err)).startsWith("Attempt 1 of 1: The schema ");

    assertThat(run("postgresql://sagax@127.0.0.1:1/sagax", "--force")).isEqualTo(2);
    assertThat(said(err)).contains("Expected nothing or --repair, but got --force.");
  }

  private int run(String uri, String... args) {
    return MigrateMain.run(
        List.of(args),
        Map.of(Setting.POSTGRES_URI.variable(), uri),
        1,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private static String said(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }
}
