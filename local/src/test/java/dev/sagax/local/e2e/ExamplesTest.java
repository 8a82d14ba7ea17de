package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sagax.examples.WatchAndResume;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what they say: they lose their connection, and miss and repeat nothing. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExamplesTest {
  private static final Path NODE = Buf.projectRoot().resolve("examples/node");
  private static final Pattern END = Pattern.compile("(?m)^Seen without gap or duplicate.*$");

  /** As {@code ./sagax test} fetches buf: once, until other versions are locked. */
  private static final String INSTALL =
      """
      cd "$EXAMPLE"
      [[ -d node_modules && ! package-lock.json -nt node_modules ]] && exit
      npm ci --ignore-scripts --prefer-offline --no-audit --no-fund && touch node_modules
      """;

  @TempDir private static Path folder;
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  /** Where to go, and who: an account with just as much as the example needs. */
  private Map<String, String> environment(String account) {
    Trader trader = exchange.trader(account).deposit("USD", "4");
    Map<String, String> environment = new HashMap<>();
    environment.put("SAGAX_ORDERS", "127.0.0.1:" + exchange.local().ports().order());
    environment.put("SAGAX_TOKEN", trader.token());
    environment.put("SAGAX_MARKET", exchange.fineMarket());
    environment.put("EXAMPLE", NODE.toString());
    return environment;
  }

  @Test
  void javaExampleResumes() {
    try (JavaProcess example =
        JavaProcess.start(
            WatchAndResume.class,
            "logback-test.xml",
            folder.resolve("java.out"),
            environment("java"))) {
      example.says(END);

      assertThat(example.exitCode()).isZero();
      assertResumed(example.output());
    }
  }

  @Test
  void nodeExampleResumes() {
    boolean present = Buf.shell("command -v node && command -v npm", Map.of()).exit() == 0;
    if (!present) {
      System.err.println("SKIPPED: the example for Node, since node and npm are not in PATH");
    }
    assumeTrue(present, "node and npm are in PATH");
    Map<String, String> environment = environment("node");
    assertThat(Buf.shell(INSTALL, environment)).matches(ran -> ran.exit() == 0);

    Buf.Answer example = Buf.shell("node \"$EXAMPLE/watch-and-resume.js\"", environment);

    assertThat(example.exit()).as(example.out() + example.err()).isZero();
    assertResumed(example.out());
  }

  private static void assertResumed(String output) {
    List<String> lines =
        output
            .lines()
            .filter(line -> !line.startsWith("WARNING: "))
            .map(line -> line.replaceAll("cursor is \\S+", "cursor is known"))
            .toList();
    assertThat(lines.subList(0, lines.size() - 1))
        .containsExactly(
            "  a version 1: ORDER_STATUS_OPEN, 0.02 remaining",
            "The connection is lost. The last cursor is known",
            "Meanwhile a was reduced, and b was placed.",
            "  a version 2: ORDER_STATUS_OPEN, 0.02 remaining",
            "  a version 3: ORDER_STATUS_OPEN, 0.01 remaining",
            "  b version 1: ORDER_STATUS_OPEN, 0.02 remaining",
            "  b version 2: ORDER_STATUS_OPEN, 0.02 remaining",
            "  a version 4: ORDER_STATUS_CANCELLED, 0 remaining",
            "  b version 3: ORDER_STATUS_CANCELLED, 0 remaining");
    assertThat(lines.get(lines.size() - 1)).matches(END);
  }
}
