package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sagax.examples.WatchAndResume;
import dev.sagax.local.LocalExchange.Ports;
import dev.sagax.platform.rpc.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples do what they say: they lose their connection, and miss and repeat nothing; and a
 * client that knows nothing of the exchange but its address finds everything as it is to be.
 */
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
    environment.put("SAGAX_ORDERS", "127.0.0.1:" + exchange.ports().order());
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
    Buf.Answer example = node("watch-and-resume.js", environment("node"));

    assertThat(example.exit()).as(example.out() + example.err()).isZero();
    assertResumed(example.out());
  }

  /** Runs an example for Node, with what it needs installed. */
  private static Buf.Answer node(String command, Map<String, String> environment) {
    boolean present = Buf.shell("command -v node && command -v npm", Map.of()).exit() == 0;
    if (!present) {
      System.err.println("SKIPPED: the examples for Node, since node and npm are not in PATH");
    }
    assumeTrue(present, "node and npm are in PATH");
    assertThat(Buf.shell(INSTALL, environment)).matches(ran -> ran.exit() == 0);
    return Buf.shell("node \"$EXAMPLE\"/" + command, environment);
  }

  @Test
  void nodeTourOfTheWholeApiFindsEveryAnswerAsExpected() {
    String market = exchange.market();
    Map<String, String> environment =
        tourOf(market, exchange.trader("tour"), exchange.trader("tour"));

    Buf.Answer tour = node("tour.js", environment);
    Buf.Answer again = node("tour.js", environment);

    assertThat(tour.exit()).as(tour.out() + tour.err()).isZero();
    assertThat(tour.lines()).containsExactlyElementsOf(tourAsShown(market));
    assertThat(again.exit()).as(again.out()).isEqualTo(1);
    assertThat(again.err())
        .matches(
            "(?s)After step 1: expected otherwise: What tour-.* has is \".*USD\", not \"\"\\s*");
    exchange.assertConserved();
  }

  /** Addresses and tokens: all that the tour gets to know. */
  private Map<String, String> tourOf(String market, Trader buyer, Trader seller) {
    Ports ports = exchange.ports();
    return Map.of(
        "SAGAX_ADDRESSES",
        "127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d"
            .formatted(ports.order(), ports.match(), ports.asset()),
        "SAGAX_TOKEN",
        buyer.token(),
        "SAGAX_OTHER_TOKEN",
        exchange.token(seller.account(), Scope.READ, Scope.TRADE),
        "SAGAX_OPERATOR_TOKEN",
        exchange.token("operator", Scope.OPERATOR),
        "SAGAX_MARKET",
        market,
        "EXAMPLE",
        NODE.toString());
  }

  /** What the page of the examples says that it prints, but for the market. */
  private static List<String> tourAsShown(String market) {
    String page = read(Buf.projectRoot().resolve("examples/README.md"));
    Matcher shown = Pattern.compile("(?s)```text\n( 1\\. .*?)```").matcher(page);
    assertThat(shown.find()).isTrue();
    return shown.group(1).replace("BTC-USD", market).lines().toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void nodeTourSaysWhatItNeeds() {
    Map<String, String> tokenless = Map.of("EXAMPLE", NODE.toString(), "SAGAX_TOKEN", "");

    Buf.Answer lost = node("tour.js", tokenless);
    Buf.Answer asked = node("tour.js --help", tokenless);

    assertThat(lost.exit()).isEqualTo(2);
    assertThat(lost.err()).startsWith("SAGAX_TOKEN is not set.");
    assertThat(asked.lines()).contains("Usage: node tour.js [--help]");
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
