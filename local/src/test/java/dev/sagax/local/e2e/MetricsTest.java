package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.order.v1.GetOrderRequest;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import dev.sagax.proto.order.v1.WatchOrdersRequest;
import io.grpc.StatusRuntimeException;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What the four services tell Prometheus, and whatever asks Prometheus for it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final List<String> SERVICES =
      List.of("order-svc", "match-svc", "settle-svc", "asset-svc");
  private static final Pattern NAME =
      Pattern.compile("\\b(?:sagax|grpc|jvm|process)_[a-z0-9_]+\\b(?!\\s*=)");
  private static final Pattern SELECTOR =
      Pattern.compile("\\b((?:sagax|grpc|jvm|process)_[a-z0-9_]+)\\{([^}]*)}");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");

  /** Labels that begin like a metric. */
  private static final Set<String> GROUPED_BY =
      Set.of("grpc_service", "grpc_method", "grpc_code", "grpc_type");

  /** What Prometheus adds itself. */
  private static final Set<String> OF_PROMETHEUS =
      Set.of("namespace", "job", "instance", "pod", "le");

  private final HttpClient http = HttpClient.newHttpClient();
  private TestExchange exchange;
  private int port;
  private Log log;

  @BeforeAll
  void start() throws IOException {
    port = fourFreePorts();
    exchange = TestExchange.ofOneEach(Map.of(Setting.METRICS_PORT, Integer.toString(port)));
    log = new Log(exchange.infrastructure().kafkaBootstrap(), LocalExchange.PARTITIONS);
  }

  @AfterAll
  void close() throws IOException {
    http.close();
    if (log != null) {
      log.close();
      exchange.close();
    }
  }

  /** Below those that servers and services are given. */
  private static int fourFreePorts() {
    while (true) {
      int first = ThreadLocalRandom.current().nextInt(12_000, 19_000);
      if (isFree(first) && isFree(first + 1) && isFree(first + 2) && isFree(first + 3)) {
        return first;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private Scrape scrape(String service) {
    return Scrape.of(http, port + SERVICES.indexOf(service));
  }

  private Map<String, Scrape> scrapes() {
    Map<String, Scrape> all = new LinkedHashMap<>();
    SERVICES.forEach(service -> all.put(service, scrape(service)));
    return all;
  }

  private double handled(String method, String code) {
    return scrape("order-svc")
        .values("grpc_server_handled_total", "grpc_method", method, "grpc_code", code)
        .stream()
        .mapToDouble(Double::doubleValue)
        .sum();
  }

  // ---- values

  @Test
  void callsAreCountedByMethodAndCode() {
    Trader trader = exchange.trader("counted").deposit("USD", "1000");
    String market = exchange.market();
    double placed = handled("PlaceOrder", "OK");
    double found = handled("GetOrder", "OK");
    double missed = handled("GetOrder", "NotFound");

    trader.buy(market, "1", "10");
    trader.get(trader.buy(market, "1", "11"));
    assertThatThrownBy(() ->
            trader
                .orders()
                .getOrder(GetOrderRequest.newBuilder().setOrderId("0".repeat(32)).build()))
        .isInstanceOf(StatusRuntimeException.class);

    assertThat(handled("PlaceOrder", "OK")).isEqualTo(placed + 2);
    assertThat(handled("GetOrder", "OK")).isEqualTo(found + 1);
    assertThat(handled("GetOrder", "NotFound")).isEqualTo(missed + 1);
    Scrape now = scrape("order-svc");
    assertThat(now.sum("grpc_server_handling_seconds_count", "grpc_method", "PlaceOrder"))
        .isEqualTo(now.sum("grpc_server_started_total", "grpc_method", "PlaceOrder"))
        .isGreaterThanOrEqualTo(2);
  }

  @Test
  void openOrderIsSeenWithItsHoldUntilItIsCancelled() {
    Trader trader = exchange.trader("holder").deposit("USD", "1000");
    String market = exchange.market();
    var order = trader.buy(market, "1", "10");

    Eventually.passes(
        PATIENCE,
        () -> {
          Scrape orders = scrape("order-svc");
          Scrape ledger = scrape("settle-svc");
          assertThat(orders.sum("sagax_orders_open")).isPositive();
          assertThat(orders.sum("sagax_orders_unfinished")).isZero();
          assertThat(orders.sum("sagax_orders_oldest_unfinished_seconds")).isZero();
          assertThat(ledger.sum("sagax_holds_open")).isEqualTo(orders.sum("sagax_orders_open"));
          double oldestOrder = orders.sum("sagax_orders_oldest_open_seconds");
          assertThat(oldestOrder).isPositive();
          assertThat(Math.abs(ledger.sum("sagax_holds_oldest_seconds") - oldestOrder))
              .as("the oldest hold is the oldest order's")
              .isLessThan(60);
        });
    double before = scrape("order-svc").sum("sagax_orders_open");
    trader.cancel(order);

    Eventually.passes(
        PATIENCE,
        () -> assertThat(scrape("order-svc").sum("sagax_orders_open")).isEqualTo(before - 1));
  }

  @Test
  void stepsAreMeasuredAndNothingIsBehindWhenItIsQuiet() {
    Trader seller = exchange.trader("seller").deposit("BTC", "1");
    Trader buyer = exchange.trader("buyer").deposit("USD", "100");
    String market = exchange.market();
    seller.sell(market, "1", "100");
    buyer.buy(market, "1", "100");

    Eventually.passes(
        PATIENCE,
        () -> {
          for (Scrape scrape : scrapes().values()) {
            assertThat(scrape.sum("sagax_step_lag_records")).isZero();
            assertThat(scrape.sum("sagax_step_lag_seconds")).isZero();
            assertThat(scrape.sum("sagax_outbox_unpublished_records")).isZero();
            assertThat(scrape.sum("sagax_outbox_oldest_seconds")).isZero();
            assertThat(scrape.sum("sagax_partition_stopped")).isZero();
            assertThat(scrape.sum("sagax_partition_running") % LocalExchange.PARTITIONS).isZero();
            assertThat(scrape.sum("sagax_partition_running")).isPositive();
            assertThat(scrape.sum("sagax_step_batch_records_sum"))
                .isEqualTo(scrape.sum("sagax_step_records_total"));
            assertThat(scrape.sum("sagax_ready")).isEqualTo(1);
            assertThat(scrape.sum("sagax_dependency_up", "dependency", "kafka")).isEqualTo(1);
            assertThat(scrape.sum("sagax_postgres_up")).isEqualTo(1);
          }
        });
    assertThat(scrape("settle-svc").sum("sagax_step_records_total", "topic", "settle.requested"))
        .as("an outcome for each order")
        .isGreaterThanOrEqualTo(2);
    assertThat(scrape("settle-svc").sum("sagax_ledger_audit_ok")).isEqualTo(1);
    assertThat(scrape("settle-svc").sum("sagax_ledger_state", "state", "OPEN")).isEqualTo(1);
  }

  @Test
  void deadLetterIsCounted() {
    double aside = scrape("order-svc").sum("sagax_dead_letters_put_aside_total");
    double open = letters();

    log.append(Topic.ORDER_REQUESTED, 0, "no message".getBytes(StandardCharsets.UTF_8));

    Eventually.passes(
        PATIENCE,
        () -> {
          assertThat(scrape("order-svc").sum("sagax_dead_letters_put_aside_total"))
              .isEqualTo(aside + 1);
          assertThat(letters()).isEqualTo(open + 1);
        });
  }

  private double letters() {
    return scrape("order-svc").sum("sagax_dead_letters", "topic", "order.dlq", "state", "OPEN");
  }

  @Test
  void openStreamIsSeen() {
    Trader watcher = exchange.trader("watcher");
    var stub =
        OrderServiceGrpc.newBlockingStub(exchange.order())
            .withInterceptors(TestExchange.bearer(watcher.token()))
            .withDeadlineAfter(1, TimeUnit.MINUTES);
    var stream = stub.watchOrders(WatchOrdersRequest.getDefaultInstance());
    assertThat(stream.hasNext()).isTrue();

    assertThat(scrape("order-svc").sum("sagax_streams_open")).isPositive();
    assertThat(scrape("order-svc").sum("grpc_server_msg_sent_total", "grpc_method", "WatchOrders"))
        .isPositive();
  }

  // ---- names

  @Test
  void alertsAndDashboardsNameOnlyWhatThereIs() throws IOException {
    Map<String, Set<String>> there = Scrape.names(scrapes().values().stream());
    Map<String, String> asked = expressions();
    assertThat(asked).hasSizeGreaterThan(60);

    asked.forEach((where, expression) -> {
      NAME.matcher(expression)
          .results()
          .map(MatchResult::group)
          .filter(name -> !GROUPED_BY.contains(name))
          .forEach(name -> assertThat(there).as(where).containsKey(name));
      SELECTOR
          .matcher(expression)
          .results()
          .forEach(found -> {
            Set<String> labels = new TreeSet<>(there.getOrDefault(found.group(1), Set.of()));
            labels.addAll(OF_PROMETHEUS);
            Matcher label = LABEL.matcher(found.group(2).replaceAll("\"[^\"]*\"", ""));
            while (label.find()) {
              assertThat(labels).as("%s: %s", where, found.group()).contains(label.group(1));
            }
          });
    });
  }

  /** Each expression by where it stands. */
  private static Map<String, String> expressions() throws IOException {
    Map<String, String> all = new TreeMap<>();
    Path files = project().resolve("k8s/sagax/files");
    for (JsonNode group :
        new YAMLMapper().readTree(files.resolve("rules.yaml").toFile()).get("groups")) {
      for (JsonNode rule : group.get("rules")) {
        all.put(group.get("name").asText() + rule.get("alert").asText(), rule.get("expr").asText());
      }
    }
    try (Stream<Path> dashboards = Files.list(files.resolve("dashboards"))) {
      for (Path file : dashboards.toList()) {
        for (JsonNode panel : new ObjectMapper().readTree(file.toFile()).get("panels")) {
          for (JsonNode target : panel.path("targets")) {
            all.put(
                file.getFileName() + " " + panel.get("title").asText() + target.get("refId"),
                target.get("expr").asText());
          }
        }
      }
    }
    return all;
  }

  /** docs/metrics.md lists every metric of ours, with its type, its labels and who has it. */
  @Test
  void pageListsExactlyWhatThereIs() throws IOException {
    List<String> listed =
        Files.readAllLines(project().resolve("docs/metrics.md")).stream()
            .filter(line -> line.startsWith("| `sagax_") || line.startsWith("| `grpc_"))
            .map(line -> line.split("\\|"))
            .map(cells ->
                cells[1].strip()
                    + "|"
                    + cells[2].strip()
                    + "|"
                    + cells[3].strip()
                    + "|"
                    + cells[4].strip())
            .sorted()
            .toList();

    assertThat(listed).containsExactlyElementsOf(rows());
  }

  private List<String> rows() {
    Map<String, Scrape> scrapes = scrapes();
    Map<String, Set<String>> labels = Scrape.names(scrapes.values().stream());
    Map<String, String> types = new TreeMap<>();
    scrapes.values().forEach(scrape -> types.putAll(scrape.types()));
    List<String> rows = new ArrayList<>();
    types.forEach((name, type) -> {
      if (name.startsWith("sagax_") || name.startsWith("grpc_")) {
        List<String> who =
            SERVICES.stream().filter(s -> scrapes.get(s).types().containsKey(name)).toList();
        Set<String> by =
            new TreeSet<>(
                labels.getOrDefault(type.equals("histogram") ? name + "_sum" : name, Set.of()));
        rows.add(
            "`%s`|%s|%s|%s"
                .formatted(
                    name,
                    type,
                    by.isEmpty() ? "" : "`" + String.join("`, `", by) + "`",
                    who.size() == SERVICES.size() ? "all" : String.join(", ", who)));
      }
    });
    return rows.stream().sorted().toList();
  }

  @Test
  void promtoolAcceptsEveryScrape() throws Exception {
    Optional<Path> promtool = promtool();
    if (promtool.isEmpty()) {
      System.err.println(
          "SKIPPED: promtool is not on the PATH (Debian: apt-get install prometheus), so no tool of"
              + " Prometheus has looked at what the services tell it.");
    }
    Assumptions.assumeTrue(promtool.isPresent(), "promtool is not on the PATH");
    for (String service : SERVICES) {
      Process check =
          new ProcessBuilder(promtool.get().toString(), "check", "metrics")
              .redirectErrorStream(true)
              .start();
      try (var in = check.getOutputStream()) {
        in.write(scrape(service).text().getBytes(StandardCharsets.UTF_8));
      }
      String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(check.waitFor()).as("%s: %s", service, said).isZero();
    }
  }

  private static Optional<Path> promtool() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(directory -> Path.of(directory).resolve("promtool"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Path project() {
    Path root = Path.of("").toAbsolutePath();
    while (Files.notExists(root.resolve("mvnw"))) {
      root = root.getParent();
    }
    return root;
  }
}
