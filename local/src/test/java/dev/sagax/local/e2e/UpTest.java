package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sagax.local.Endpoints;
import dev.sagax.local.LocalExchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./sagax up} as a person uses it: what it prints and the README say works, Ctrl-C and a
 * kill leave nothing behind, and the next start goes on. The tests build on each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class UpTest {
  private static final Pattern READY = Pattern.compile("Ctrl-C stops it; the data stays\\.");

  @TempDir private static Path folder;
  private Path data;
  private Map<String, String> tools;
  private JavaProcess up;

  @BeforeAll
  void startOverUsedData() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    Files.createFile(data.resolve("sagax.lock"));
    Files.writeString(data.resolve("markets.yaml"), "of an earlier run");
    tools = StandIns.write(folder.resolve("tools"));
    up = start("first", "--fresh");
    up.says(READY);
  }

  private JavaProcess start(String name, String... options) {
    String[] words = new String[options.length + 3];
    words[0] = "--any-port";
    words[1] = "--data";
    words[2] = data.toString();
    System.arraycopy(options, 0, words, 3, options.length);
    return JavaProcess.start(
        UpProcess.class, "logback-local.xml", folder.resolve(name + ".out"), Map.of(), words);
  }

  @AfterAll
  void stop() {
    up.close();
  }

  @Test
  @Order(1)
  void freshBeginsWithEmptyData() {
    assertThat(data.resolve("markets.yaml")).content().startsWith("# Assets and markets");
  }

  @Test
  @Order(2)
  void linesThatItPrintsCanBePasted() {
    List<String> lines = grpcurlLines(up.output());
    assertThat(lines).hasSize(3);

    assertThat(pasted(lines.get(0)).at("/transfer/status").asText())
        .isEqualTo("TRANSFER_STATUS_COMPLETED");
    assertThat(pasted(lines.get(1)).at("/order/status").asText()).isEqualTo("ORDER_STATUS_OPEN");
    assertBalance(pasted(lines.get(2)));
  }

  private static void assertBalance(JsonNode answer) {
    assertThat(answer.path("balances")).hasSize(1);
    assertThat(answer.at("/balances/0/asset").asText()).isEqualTo("USD");
    assertThat(answer.at("/balances/0/available").asText()).isEqualTo("500");
    assertThat(answer.at("/balances/0/held").asText()).isEqualTo("500");
  }

  @Test
  @Order(3)
  void readmeShowsTheSameLines() throws IOException {
    assertThat(grpcurlLines(readme()).stream().map(this::onThesePorts).toList())
        .startsWith(grpcurlLines(up.output()).toArray(String[]::new));
  }

  @Test
  @Order(4)
  void bufCommandOfTheReadmeCanBePasted() throws IOException {
    String text = readme();
    int start = text.indexOf("npx @bufbuild/buf curl");

    assertBalance(pasted(onThesePorts(text.substring(start, text.indexOf("\n```", start)))));
  }

  private static String readme() throws IOException {
    return Files.readString(Buf.projectRoot().resolve("README.md"));
  }

  private static List<String> grpcurlLines(String text) {
    return text.lines().map(String::strip).filter(line -> line.startsWith("grpcurl ")).toList();
  }

  /** The README shows the default ports. */
  private String onThesePorts(String command) {
    LocalExchange.Ports now = Endpoints.read(data).ports();
    LocalExchange.Ports shown = LocalExchange.Ports.DEFAULT;
    return command
        .replace(":" + shown.order(), ":" + now.order())
        .replace(":" + shown.match(), ":" + now.match())
        .replace(":" + shown.settle(), ":" + now.settle())
        .replace(":" + shown.asset(), ":" + now.asset());
  }

  /** What a shell makes of a command after the exports that were printed. */
  private JsonNode pasted(String command) {
    StringBuilder script = new StringBuilder();
    up.output()
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("export "))
        .forEach(line -> script.append(line).append('\n'));
    Buf.Answer answer = Buf.shell(script + command, tools);
    return answer.json();
  }

  @Test
  @Order(5)
  void secondOverTheSameDataIsRefusedAndTheFirstRunsOn() {
    try (JavaProcess second = start("second", "--fresh")) {
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.output()).isEqualTo("Another Sagax is running over " + data + ".\n");
    }

    assertBalance(pasted(grpcurlLines(up.output()).get(2)));
  }

  @Test
  @Order(6)
  void ctrlCStopsEverything() {
    List<ProcessHandle> servers = up.descendants();
    assertThat(servers).hasSizeGreaterThanOrEqualTo(3);

    up.signal("INT");

    assertThat(up.exitCode()).isEqualTo(128 + 2);
    assertThat(up.output()).endsWith("Stopping...\n");
    JavaProcess.assertGone(servers);
    assertThat(Endpoints.exist(data)).isFalse();
  }

  @Test
  @Order(7)
  void nextStartGoesOnWithTheData() {
    up = start("third");
    up.says(READY);

    assertBalance(pasted(grpcurlLines(up.output()).get(2)));
  }

  @Test
  @Order(8)
  void killOfTheServicesLeavesNoServerBehind() {
    List<ProcessHandle> servers = up.descendants();

    up.close();

    JavaProcess.assertGone(servers);
  }
}
