package dev.sagax.platform.schema;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.local.infra.PostgresServer;
import dev.sagax.platform.log.Faults;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schemas come to the version of this build, from wherever they are, and keep what is in them. */
class MigrationsTest {
  private static Vertx vertx;
  private static PostgresServer server;
  private static PgConnectOptions address;
  private static Pool pool;

  /** What a service of its own might have. */
  private record Trial(List<String> migrations) implements ServiceSchema {
    @Override
    public String name() {
      return "trial";
    }

    @Override
    public String unversioned() {
      throw new AssertionError("It had versions from the beginning.");
    }

    @Override
    public String grants() {
      return "trial/trial-grants.sql";
    }
  }

  @BeforeAll
  static void start(@TempDir Path home) {
    vertx = Vertx.vertx();
    server = new PostgresServer(home, 0);
    server.start();
    address = PgConnectOptions.fromUri(server.uri());
    pool =
        PgBuilder.pool()
            .connectingTo(address)
            .with(new PoolOptions().setMaxSize(4))
            .using(vertx)
            .build();
  }

  @AfterAll
  static void stop() {
    await(vertx.close());
    server.stop();
  }

  @BeforeEach
  void empty() {
    sql("drop schema if exists trial cascade");
    schemas().forEach(schema -> sql("drop schema if exists " + schema.name() + " cascade"));
  }

  static Stream<ServiceSchema> schemas() {
    return StreamSupport.stream(ServiceLoader.load(ServiceSchema.class).spliterator(), false);
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void anEmptyDatabaseGetsEveryVersionAndASecondStartFindsNothingToDo(ServiceSchema schema) {
    SchemaVersions versions = new SchemaVersions(vertx, pool, () -> new Migrator(address));

    assertThat(new Migrator(address).migrate(schema)).isEqualTo(Migration.of(schema).size());

    assertThat(new Migrator(address).migrate(schema)).isZero();
    await(versions.migrate(schema));
    await(versions.require(schema));
    assertThat(history(schema)).containsExactlyElementsOf(versionsOf(schema));
  }

  @Test
  void replicasThatStartAtOnceMigrateOnce() throws Exception {
    List<ServiceSchema> all = schemas().toList();
    assertThat(all).hasSize(4);
    try (ExecutorService starts = Executors.newFixedThreadPool(3 * all.size())) {
      List<Future<Integer>> applied = new ArrayList<>();
      for (int replica = 0; replica < 3; replica++) {
        all.forEach(
            schema -> applied.add(starts.submit(() -> new Migrator(address).migrate(schema))));
      }
      int sum = 0;
      for (Future<Integer> one : applied) {
        sum += one.get();
      }
      assertThat(sum).isEqualTo(all.stream().mapToInt(s -> Migration.of(s).size()).sum());
    }
    all.forEach(
        schema -> assertThat(history(schema)).containsExactlyElementsOf(versionsOf(schema)));
  }

  /** Run with -Dsagax.write=true before the first release to write what is compared. */
  @ParameterizedTest
  @MethodSource("schemas")
  void tablesFromBeforeThereWereVersionsAreTakenOverWithTheirData(ServiceSchema schema)
      throws Exception {
    await(TestSchema.createUnversioned(pool, schema));
    sql(
        "insert into %s.never_changes values ('what was there', 'before')"
            .formatted(schema.name()));
    Set<String> before = picture(schema);
    if (Boolean.getBoolean("sagax.write")) {
      Files.writeString(resourceOf(schema, schema.unversioned()), String.join("\n", before) + "\n");
      return;
    }

    new Migrator(address).migrate(schema);

    await(new SchemaVersions(vertx, pool, () -> new Migrator(address)).require(schema));
    assertThat(texts("select value from %s.never_changes".formatted(schema.name())))
        .containsExactly("before");
    Set<String> after = picture(schema);
    assertThat(
            texts(
                "select type from %s.schema_history where version = '2'".formatted(schema.name())))
        .containsExactly("BASELINE");
    assertThat(before)
        .as("what is asked for is all that there was")
        .containsExactlyElementsOf(
            new TreeSet<>(Files.readAllLines(resourceOf(schema, schema.unversioned()))));
    sql("drop schema %s cascade".formatted(schema.name()));
    new Migrator(address).migrate(schema);
    assertThat(after).as("as if it had had versions from the beginning").isEqualTo(picture(schema));
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void tablesOfAnOlderBuildAreRefusedAndLeftAsTheyWere(ServiceSchema schema) {
    await(TestSchema.createUnversioned(pool, schema));
    sql("alter table %s.step drop column outbox".formatted(schema.name()));

    assertThatThrownBy(() -> new Migrator(address).migrate(schema))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("there is no \"step.outbox bytea\". Start that build once");
    assertThat(texts("select to_regclass('%s.schema_history')::text".formatted(schema.name())))
        .containsExactly((String) null);
  }

  @Test
  void aSchemaThatANewerBuildHasMigratedIsAccepted() {
    ServiceSchema schema = schemas().findFirst().orElseThrow();
    new Migrator(address).migrate(schema);
    sql(
        """
        insert into %s.schema_history(installed_rank, version, description, type, script, checksum,
          installed_by, execution_time, success)
        values (99, '99', 'of a newer build', 'SQL', 'V99__of_a_newer_build.sql', 1, 'sagax', 1, true)\
        """
            .formatted(schema.name()));
    SchemaVersions versions = new SchemaVersions(vertx, pool, () -> new Migrator(address));

    await(versions.migrate(schema));
    await(versions.require(schema));
    assertThat(new Migrator(address).migrate(schema)).isZero();
  }

  @Test
  void whoMayNotMigrateSaysWhatIsMissingAndChangesNothing() {
    ServiceSchema schema = schemas().findFirst().orElseThrow();
    SchemaVersions versions = new SchemaVersions(vertx, pool, () -> new Migrator(address));

    assertThatThrownBy(() -> await(versions.require(schema)))
        .hasMessageContaining("The schema " + schema.name() + " lacks V1__step_tables.sql, V2__")
        .hasMessageContaining("MigrateMain");
    assertThat(texts("select to_regnamespace('%s')::text".formatted(schema.name())))
        .containsExactly((String) null);

    new Migrator(address).migrate(schema);
    sql("delete from %s.schema_history where version = '2'".formatted(schema.name()));
    assertThatThrownBy(() -> await(versions.require(schema)))
        .hasMessageContaining("lacks V2__")
        .hasMessageNotContaining("V1__");
  }

  @Test
  void aMigrationThatFailsLeavesNothingAndIsNotWaitedFor() {
    new Migrator(address).migrate(new Trial(List.of("trial/V2__trial.sql")));
    Trial broken = new Trial(List.of("trial/V2__trial.sql", "trial/V3__broken.sql"));

    assertThatThrownBy(() -> new Migrator(address).migrate(broken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("The schema trial could not be migrated")
        .hasMessageContaining("half")
        .satisfies(failure -> assertThat(Faults.isInfrastructure(failure)).isFalse());
    assertThat(history(broken)).containsExactly("1", "2");
    assertThat(
            texts(
                "select column_name::text from information_schema.columns where table_name = 'note'"))
        .containsExactlyInAnyOrder("id", "what");
  }

  /**
   * In a transaction PostgreSQL refuses it; held in one, Flyway's lock would make it wait for ever.
   */
  @Test
  void anIndexIsBuiltBesideWritesInAMigrationOfItsOwn() throws Exception {
    new Migrator(address).migrate(new Trial(List.of("trial/V2__trial.sql")));
    Trial more = new Trial(List.of("trial/V2__trial.sql", "trial/V3__index.sql"));
    sql("insert into trial.note select n, 'note ' || n from generate_series(1, 1000) n");

    assertThat(new Migrator(address).migrate(more)).isEqualTo(1);

    assertThat(
            texts(
                "select indisvalid::text from pg_index where indexrelid = 'trial.note_by_what'::regclass"))
        .containsExactly("true");
  }

  /** It waits for all older transactions; cut off, it would leave an invalid index. */
  @Test
  void anIndexThatIsBuiltBesideWritesMayWaitAndOtherMigrationsMayNot() {
    Trial trial =
        new Trial(List.of("trial/V2__trial.sql", "trial/V4__patience.sql", "trial/V5__haste.sql"));

    new Migrator(address).migrate(trial);

    assertThat(texts("select waits from trial.patience")).containsExactly("0");
    assertThat(texts("select waits from trial.haste")).containsExactly("5s");
  }

  @Test
  void postgresNoticesSoonThatWhoeverMigratesIsGone() throws Exception {
    try (Connection owner = OwnerDatabase.at(address).getConnection();
        var rows = owner.createStatement().executeQuery("show tcp_keepalives_idle")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo("10");
    }
  }

  @Test
  void aServerThatIsAwayIsWaitedFor() throws IOException {
    int nobody;
    try (var socket = new java.net.ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }
    Migrator away = new Migrator(new PgConnectOptions(address).setPort(nobody));

    assertThatThrownBy(() -> away.migrate(schemas().findFirst().orElseThrow()))
        .satisfies(failure -> assertThat(Faults.isInfrastructure(failure)).isTrue());
  }

  @Test
  void aSchemaThatSomebodyHasLockedIsWaitedFor() throws Exception {
    ServiceSchema schema = schemas().findFirst().orElseThrow();
    new Migrator(address).migrate(schema);
    sql("delete from %s.schema_history where version = '2'".formatted(schema.name()));
    try (Connection other = OwnerDatabase.at(address).getConnection()) {
      other.setAutoCommit(false);
      other.createStatement().execute("lock table %s.schema_history".formatted(schema.name()));

      assertThatThrownBy(() -> new Migrator(address).migrate(schema))
          .satisfies(failure -> assertThat(Faults.isInfrastructure(failure)).isTrue());
    }
  }

  /**
   * Again and again, also with a quote in its name; for the owner itself there is nothing to do.
   */
  @Test
  void roleIsGrantedWhatItsScriptListsAndNoMore() {
    Trial schema = new Trial(List.of("trial/V2__trial.sql"));
    Migrator owner = new Migrator(address);
    owner.migrate(schema);
    sql("drop role if exists \"o'dd \"\"role\"; create role \"o'dd \"\"role\"");

    sql("grant update on trial.dead_letter to \"o'dd \"\"role\""); // as builds before did
    owner.grant(schema, "o'dd \"role");
    owner.grant(schema, "o'dd \"role");
    owner.grant(schema, address.getUser());

    String may = "select has_table_privilege('o''dd \"role', 'trial.%s', '%s')";
    assertThat(truth(may.formatted("note", "insert"))).isTrue();
    assertThat(truth(may.formatted("note", "select"))).isTrue();
    assertThat(truth(may.formatted("note", "delete"))).isFalse();
    assertThat(truth(may.formatted("dead_letter", "insert"))).isTrue();
    assertThat(truth(may.formatted("dead_letter", "update"))).isFalse();
    String change =
        "select has_column_privilege('o''dd \"role', 'trial.dead_letter', '%s', 'update')";
    assertThat(truth(change.formatted("decided_by"))).isTrue();
    assertThat(truth(change.formatted("value"))).isFalse();
    assertThat(truth(may.formatted("dead_letter", "delete"))).isFalse();
    assertThat(truth("select has_schema_privilege('o''dd \"role', 'trial', 'create')")).isFalse();
    sql("drop owned by \"o'dd \"\"role\"; drop role \"o'dd \"\"role\"");
  }

  private static boolean truth(String query) {
    return await(pool.query(query).execute()).iterator().next().getBoolean(0);
  }

  @Test
  void numbersAreGivenOnceAndEveryFileIsListed() throws IOException {
    Set<Integer> platform =
        Migration.of(new Trial(List.of())).stream()
            .map(Migration::version)
            .collect(Collectors.toSet());
    assertThat(platform).contains(1);
    for (ServiceSchema schema : schemas().toList()) {
      List<Integer> versions = Migration.of(schema).stream().map(Migration::version).toList();
      assertThat(versions).doesNotHaveDuplicates();
      try (Stream<Path> files = Files.list(resourceOf(schema, schema.unversioned()).getParent())) {
        assertThat(
                files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".sql") && !name.endsWith("-grants.sql")))
            .containsExactlyInAnyOrderElementsOf(
                schema.migrations().stream()
                    .map(resource -> resource.substring(resource.lastIndexOf('/') + 1))
                    .toList());
      }
    }
  }

  private static Path resourceOf(ServiceSchema schema, String resource) {
    String service = schema.getClass().getPackageName().split("\\.")[2];
    return Path.of("..", service + "-svc", "src/main/resources", resource);
  }

  private static Set<String> picture(ServiceSchema schema) throws SQLException {
    try (Connection db = OwnerDatabase.at(address).getConnection()) {
      return Migrator.picture(db, schema.name());
    }
  }

  private static List<String> versionsOf(ServiceSchema schema) {
    return Migration.of(schema).stream().map(m -> Integer.toString(m.version())).toList();
  }

  private static List<String> history(ServiceSchema schema) {
    return texts(
        "select version from %s.schema_history where version is not null and success order by installed_rank"
            .formatted(schema.name()));
  }

  private static void sql(String text) {
    await(pool.query(text).execute());
  }

  private static List<String> texts(String query) {
    List<String> texts = new ArrayList<>();
    await(pool.query(query).execute()).forEach(row -> texts.add(row.getString(0)));
    return texts;
  }
}
