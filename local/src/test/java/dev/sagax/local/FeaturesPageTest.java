package dev.sagax.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** {@code docs/features.md} names methods, commands and tests that there are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeaturesPageTest {
  private static final Path ROOT = Path.of("..");
  private static final String MISSING = "not there yet";
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final Pattern METHOD = Pattern.compile("`(\\w+Service/\\w+)`");
  private static final Pattern COMMAND = Pattern.compile("`\\./sagax (\\w+)");
  private static final Pattern SERVICE = Pattern.compile("^service (\\w+)|^  rpc (\\w+)");

  /**
   * A method that JUnit runs: its annotations, the last of which may have arguments, stand above.
   */
  private static final String TEST_METHOD =
      "@(Test|ParameterizedTest|RepeatedTest|TestFactory)\\b[^;{}]*(\\{[^{}]*}\\)[^;{}]*)?\\b[\\w<>]+"
          + " %s\\(";

  private List<String> rows;

  @BeforeAll
  void readTables() throws IOException {
    rows =
        Files.readAllLines(ROOT.resolve("docs/features.md")).stream()
            .filter(line -> line.startsWith("| "))
            .filter(line -> !line.startsWith("| feature "))
            .toList();
    assertThat(rows).hasSizeGreaterThan(40);
  }

  @Test
  void everyFeatureHasATestOrIsSaidToBeMissing() {
    assertThat(rows)
        .allSatisfy(row -> {
          String[] cells = row.split(" \\|");
          assertThat(cells).hasSize(3);
          assertThat(cells[2].contains(MISSING)).isNotEqualTo(TEST.matcher(cells[2]).find());
        });
  }

  @Test
  void everyTestExists() throws IOException {
    List<Path> sources = files("src/test/java", ".java");
    for (MatchResult named : found(TEST)) {
      String file = named.group(1) + ".java";
      Pattern method = Pattern.compile(TEST_METHOD.formatted(named.group(2)));
      assertThat(sources)
          .as(named.group())
          .anySatisfy(source -> {
            assertThat(source.getFileName()).hasToString(file);
            assertThat(method.matcher(Files.readString(source)).find()).isTrue();
          });
    }
  }

  @Test
  void everyMethodExists() throws IOException {
    assertThat(found(METHOD)).extracting(named -> named.group(1)).isSubsetOf(methods());
  }

  @Test
  void everyCommandExists() throws IOException {
    String script = Files.readString(ROOT.resolve("sagax"));
    assertThat(found(COMMAND))
        .allSatisfy(named -> assertThat(script).contains("\n  " + named.group(1) + " "));
  }

  private List<MatchResult> found(Pattern pattern) {
    List<MatchResult> found = rows.stream().flatMap(row -> pattern.matcher(row).results()).toList();
    assertThat(found).isNotEmpty();
    return found;
  }

  private static Set<String> methods() throws IOException {
    Set<String> methods = new TreeSet<>();
    for (Path proto : files("src/main/protobuf", ".proto")) {
      String service = "";
      for (String line : Files.readAllLines(proto)) {
        Matcher matcher = SERVICE.matcher(line);
        if (matcher.find() && matcher.group(1) != null) {
          service = matcher.group(1);
        } else if (line.startsWith("  rpc ")) {
          methods.add(service + "/" + matcher.group(2));
        }
      }
    }
    return methods;
  }

  /** Files of this folder of any module. */
  private static List<Path> files(String folder, String ending) throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .map(module -> module.resolve(folder))
          .filter(Files::isDirectory)
          .flatMap(FeaturesPageTest::walk)
          .filter(file -> file.toString().endsWith(ending))
          .toList();
    }
  }

  private static Stream<Path> walk(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
