package dev.sagax.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sagax.local.DevTokens;
import dev.sagax.local.LocalExchange;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.local.infra.Ports;
import dev.sagax.local.infra.ServerProcess;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The images that the build has made with a base of its own, one for each service. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(
    named = "sagax.images",
    matches = ".+",
    disabledReason =
        "No images were built: ./sagax test builds them, as Maven does with -P own-base")
class ImagesTest {
  /** Leaders first: a service waits for those that it calls. */
  private static final List<Service> SERVICES =
      List.of(
          new Service("settle-svc", "dev.sagax.settle.SettleMain", 9103),
          new Service("match-svc", "dev.sagax.match.MatchMain", 9102),
          new Service("asset-svc", "dev.sagax.asset.AssetMain", 9104),
          new Service("order-svc", "dev.sagax.order.OrderMain", 9101));

  /** What our libraries name but never need here. */
  private static final Set<String> NOT_NEEDED =
      Set.of(
          "java.desktop", // Jackson and SnakeYAML look at beans, of which we have none
          "java.compiler"); // Vert.x compiles verticles from sources, which we have none of

  private static final int GRACEFUL_END = 128 + 15;
  private static final Duration STOP = Duration.ofSeconds(15);
  private static final long START_SECONDS = 120;

  private record Service(String name, String main, int port) {
    Image image() {
      return Image.at(Path.of(System.getProperty("sagax.images"), name, "target/jib-image.tar"));
    }

    /** The setting that tells others where it is; null if nobody calls it. */
    Setting peers() {
      return switch (name) {
        case "settle-svc" -> Setting.LEDGER_ADDRESS;
        case "match-svc" -> Setting.MATCH_ADDRESS;
        default -> null;
      };
    }
  }

  private final Map<Service, Map<String, Integer>> modes = new LinkedHashMap<>();
  private Path home;

  @BeforeAll
  void unpack(@TempDir Path directory) throws IOException {
    home = directory;
    // Another user has to find the way to the roots.
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (Service service : SERVICES) {
      modes.put(service, service.image().unpack(rootOf(service)));
    }
  }

  private Path rootOf(Service service) {
    return home.resolve(service.name());
  }

  @Test
  void everyImageSaysWhatItIsAndHowItIsStarted() {
    for (Service service : SERVICES) {
      Image image = service.image();
      JsonNode config = image.config();

      assertThat(image.tag()).startsWith("sagax/" + service.name() + ":");
      assertThat(config.get("User").asText()).isEqualTo("65532:65532");
      assertThat(config.get("ExposedPorts").properties())
          .extracting(Map.Entry::getKey)
          .containsExactlyInAnyOrder(service.port() + "/tcp", "9464/tcp");
      assertThat(config.at("/Labels/org.opencontainers.image.title").asText())
          .isEqualTo(service.name());
      assertThat(config.at("/Labels/org.opencontainers.image.version").asText()).isNotEmpty();
      assertThat(config.get("Labels").properties()).hasSize(4);
      List<String> words = image.entrypoint();
      assertThat(words).startsWith("java", "--enable-native-access=ALL-UNNAMED");
      assertThat(words).endsWith("-cp", "@/app/jib-classpath-file", service.main());
    }
  }

  @Test
  void nothingInAnImageHasMoreRightsThanItNeedsAndThereIsNoShell() {
    for (Service service : SERVICES) {
      Map<String, Integer> files = modes.get(service);

      assertThat(files).hasSizeGreaterThan(100).containsKey("/opt/java/openjdk/bin/java");
      assertThat(files)
          .allSatisfy((path, mode) -> {
            assertThat(mode & 07000).as("set-uid, set-gid or sticky: %s", path).isZero();
            assertThat(mode & 0044).as("readable for everybody: %s", path).isEqualTo(0044);
            if (!path.equals("/tmp")) {
              assertThat(mode & 0022).as("written by its owner alone: %s", path).isZero();
            }
          });
      assertThat(files.keySet())
          .noneMatch(path -> path.matches(".*/(sh|bash|busybox|apt|dpkg|su|jlink|javac)"));
    }
  }

  @Test
  void theImagesDifferInTheirServicesOnly() {
    Set<String> shared = new HashSet<>(SERVICES.getFirst().image().layers());
    for (Service service : SERVICES) {
      shared.retainAll(service.image().layers());
    }

    assertThat(shared).as("runtime and libraries").hasSizeGreaterThanOrEqualTo(2);
    assertThat(modes.get(SERVICES.getFirst()).keySet())
        .anyMatch(path -> path.matches("/app/.*sagax-settle-svc.*"))
        .noneMatch(path -> path.matches("/app/.*sagax-(order|match|asset|local|bench).*"));
  }

  /** A module that is missing would be found missing by the first call that needs it. */
  @Test
  void theRuntimeHasEveryModuleThatTheJarsNeed() throws IOException {
    Path root = rootOf(SERVICES.getLast());
    String release = Files.readString(root.resolve("opt/java/openjdk/release"));
    Set<String> there =
        Set.of(release.replaceFirst("(?s).*MODULES=\"([^\"]*)\".*", "$1").split(" "));
    StringWriter said = new StringWriter();
    Path all = classesOf(root.resolve("app"));

    int status =
        ToolProvider.findFirst("jdeps")
            .orElseThrow()
            .run(
                new PrintWriter(said),
                new PrintWriter(said),
                "--print-module-deps",
                "--ignore-missing-deps",
                all.toString());

    assertThat(status).as(said.toString()).isZero();
    Set<String> needed = new TreeSet<>(Arrays.asList(said.toString().strip().split(",")));
    assertThat(needed).contains("java.base", "java.sql");
    needed.removeAll(NOT_NEEDED);
    assertThat(there).containsAll(needed);
  }

  /**
   * All classes of the jars in one: taken as modules, which they are not on our class path, jars
   * ask for modules that nobody needs.
   */
  private Path classesOf(Path app) throws IOException {
    Path all = home.resolve("all.jar");
    Set<String> written = new HashSet<>();
    List<Path> jars;
    try (Stream<Path> files = Files.walk(app)) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(all))) {
      out.setLevel(Deflater.NO_COMPRESSION);
      for (Path jar : jars) {
        try (JarFile from = new JarFile(jar.toFile())) {
          for (JarEntry entry : Collections.list(from.entries())) {
            String name = entry.getName();
            if (name.endsWith(".class")
                && !name.endsWith("module-info.class")
                && !name.startsWith("META-INF/")
                && written.add(name)) {
              out.putNextEntry(new JarEntry(name));
              from.getInputStream(entry).transferTo(out);
            }
          }
        }
      }
    }
    assertThat(written).hasSizeGreaterThan(5_000);
    return all;
  }

  /**
   * The services one after the other, each in a way that this machine allows, on the servers of
   * this machine: what Kubernetes does with the chart, without Kubernetes.
   */
  @Test
  void everyServiceRunsAsAnotherUserOnARootThatIsOnlyReadAndStopsGracefully() throws Exception {
    List<Container.Way> ways = Container.ways();
    assumeTrue(
        !ways.isEmpty(),
        "THE IMAGES WERE NOT STARTED: this machine lets us neither be root nor make user namespaces.");
    Map<Service, ServerProcess> running = new TreeMap<>(Comparator.comparing(Service::name));
    try (Infrastructure infrastructure =
        Infrastructure.start(home.resolve("servers"), line -> {})) {
      Map<Setting, String> settings = settings(infrastructure);
      Path files = files();
      runsTheJob(
          "/kafka/topics/job/command",
          ways.getFirst(),
          files,
          settings,
          "topics are there, with 4 partitions each.");
      runsTheJob(
          "/postgres/migrations/job/command",
          ways.getLast(),
          files,
          settings,
          "The schema ledger is as this build needs it; migrations applied: ");
      try {
        for (int i = 0; i < SERVICES.size(); i++) {
          Service service = SERVICES.get(i);
          Container.Way way = ways.get(i % ways.size());
          int port = Ports.choose(service.name(), 0, home.resolve(service.name() + ".port"));
          settings.put(Setting.GRPC_PORT, Integer.toString(port));
          ServerProcess process = start(service, way, files, settings);
          running.put(service, process);
          assertServes(service, process, port);
          assertIsConfined(process, way);
          if (service.peers() != null) {
            settings.put(service.peers(), "127.0.0.1:" + port);
          }
        }
      } finally {
        running.values().forEach(process -> process.stop(STOP));
      }
    }
    assertThat(running)
        .hasSize(SERVICES.size())
        .allSatisfy((service, process) ->
            assertThat(process.exitCode()).as(said(service)).isEqualTo(GRACEFUL_END));
  }

  private static Map<Setting, String> settings(Infrastructure infrastructure) {
    Map<Setting, String> settings = new EnumMap<>(Setting.class);
    settings.put(Setting.KAFKA_BOOTSTRAP, infrastructure.kafkaBootstrap());
    settings.put(Setting.POSTGRES_URI, infrastructure.postgresUri());
    settings.put(Setting.REDIS_URI, infrastructure.redisUri());
    settings.put(Setting.MARKETS_FILE, Container.FILES + "/markets.yaml");
    settings.put(Setting.AUTH_KEY_FILE, Container.FILES + "/key.pem");
    settings.put(Setting.TOPICS_REPLICATION, "1");
    settings.put(Setting.TOPICS_ALLOW_UNREPLICATED, "true");
    return settings;
  }

  /** What is mounted into every container: it is read, not written. */
  private Path files() throws IOException {
    Path files = Files.createDirectory(home.resolve("files"));
    LocalExchange.copyBuiltInMarkets(files.resolve("markets.yaml"));
    DevTokens.load(files.resolve("key.pem"));
    Files.setPosixFilePermissions(
        files.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    return files;
  }

  /** With the command that the chart has at a place in its values. */
  private void runsTheJob(
      String place, Container.Way way, Path files, Map<Setting, String> settings, String says)
      throws IOException, InterruptedException {
    JsonNode values =
        new YAMLMapper()
            .readTree(
                Path.of(System.getProperty("sagax.images"), "k8s/sagax/values.yaml").toFile());
    List<String> command = new ArrayList<>();
    values.at(place).forEach(word -> command.add(word.asText()));
    Path log = Files.createTempFile(home, "job", ".log");
    Service service = SERVICES.getFirst();

    ServerProcess job =
        Container.start(way, rootOf(service), files, environment(service, settings), command, log);
    awaitEnd(job);

    assertThat(job.exitCode()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log)).contains(says);
  }

  private static void awaitEnd(ServerProcess process) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (process.isAlive() && System.nanoTime() < deadline) {
      Thread.sleep(50);
    }
    process.stop(STOP);
  }

  private ServerProcess start(
      Service service, Container.Way way, Path files, Map<Setting, String> settings)
      throws IOException {
    return Container.start(
        way,
        rootOf(service),
        files,
        environment(service, settings),
        service.image().entrypoint(),
        logOf(service));
  }

  /** What the image says, as a container gets it, and what the chart would say. */
  private static Map<String, String> environment(Service service, Map<Setting, String> settings) {
    Map<String, String> environment = service.image().environment();
    settings.forEach((setting, value) -> environment.put(setting.variable(), value));
    environment.put("JAVA_TOOL_OPTIONS", "-Xmx256m -XX:TieredStopAtLevel=1");
    return environment;
  }

  private Path logOf(Service service) {
    return home.resolve(service.name() + ".log");
  }

  private String said(Service service) {
    try {
      return service.name() + " said: " + Files.readString(logOf(service));
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }

  private void assertServes(Service service, ServerProcess process, int port)
      throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
      ServingStatus status = ServingStatus.UNKNOWN;
      while (status != ServingStatus.SERVING) {
        assertThat(process.isAlive()).as(said(service)).isTrue();
        assertThat(System.nanoTime()).as(said(service)).isLessThan(deadline);
        status = ask(channel);
        Thread.sleep(50);
      }
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static ServingStatus ask(ManagedChannel channel) {
    try {
      return HealthGrpc.newBlockingStub(channel)
          .withDeadlineAfter(2, TimeUnit.SECONDS)
          .check(HealthCheckRequest.newBuilder().setService("readiness").build())
          .getStatus();
    } catch (StatusRuntimeException notYet) {
      return ServingStatus.UNKNOWN;
    }
  }

  /** As the kernel sees it. */
  private static void assertIsConfined(ServerProcess process, Container.Way way)
      throws IOException {
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    Map<String, String> status =
        Files.readAllLines(proc.resolve("status")).stream()
            .map(line -> line.split(":\\s*", 2))
            .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
    assertThat(status.get("Name")).isEqualTo("java");
    assertThat(status.get("CapEff")).matches("0+");
    if (way == Container.Way.CHROOT) {
      assertThat(status.get("Uid").split("\\s+")).containsOnly(Container.USER);
      assertThat(status.get("NoNewPrivs")).isEqualTo("1");
    }
    String ownRoot = Files.readSymbolicLink(proc.resolve("root")).toString();
    assertThat(ownRoot).isNotEqualTo("/");
    assertThat(Files.readAllLines(proc.resolve("mountinfo")))
        .as("the root is mounted to be read only")
        .filteredOn(line -> line.split(" ")[4].equals("/"))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.split(" ")[5]).startsWith("ro"));
  }
}
