package dev.sagax.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What {@code docs/operations.md} tells a person to type is what the commands take. */
class OperationsPageTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```sh\\n(.*?)^ *```$");
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]*)(#[^)\\s]*)?\\)");

  private static final Path PAGE = root().resolve("docs/operations.md");

  @Test
  void everyCommandIsTakenAsItStands() throws IOException {
    List<List<String>> commands = commands();

    assertThat(commands).hasSizeGreaterThan(15);
    assertThat(commands)
        .extracting(words -> words.get(1))
        .contains("ledger", "partition", "dlq", "saga", "stores");
    for (List<String> words : commands) {
      String[] arguments = words.subList(1, words.size()).toArray(String[]::new);
      assertThatCode(() -> Sagax.commandLine().parseArgs(arguments))
          .as(String.join(" ", words))
          .doesNotThrowAnyException();
    }
  }

  private static List<List<String>> commands() throws IOException {
    return BLOCK
        .matcher(Files.readString(PAGE))
        .results()
        .flatMap(block -> block.group(1).lines())
        .map(String::strip)
        .filter(line -> line.startsWith("./sagax "))
        .map(OperationsPageTest::words)
        .toList();
  }

  private static List<String> words(String line) {
    return WORD.matcher(line)
        .results()
        .map(word -> word.group(1) == null ? word.group(2) : word.group(1))
        .toList();
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    String page = Files.readString(PAGE);
    List<String> headings =
        page.lines().filter(line -> line.startsWith("#")).map(OperationsPageTest::anchor).toList();
    List<String> broken = new ArrayList<>();
    LINK.matcher(page)
        .results()
        .forEach(link -> {
          boolean here = link.group(1).isEmpty();
          if (here ? !headings.contains(link.group(2)) : !exists(link.group(1))) {
            broken.add(link.group());
          }
        });

    assertThat(broken).isEmpty();
  }

  private static boolean exists(String file) {
    return Files.exists(PAGE.resolveSibling(file));
  }

  /** As GitHub makes it. */
  private static String anchor(String heading) {
    return "#"
        + heading
            .replaceFirst("^#+ ", "")
            .toLowerCase(java.util.Locale.ROOT)
            .chars()
            .filter(c -> Character.isLetterOrDigit(c) || c == ' ' || c == '-')
            .mapToObj(c -> c == ' ' ? "-" : Character.toString(c))
            .collect(Collectors.joining());
  }

  private static Path root() {
    Path root = Path.of("").toAbsolutePath();
    while (Files.notExists(root.resolve("mvnw"))) {
      root = root.getParent();
    }
    return root;
  }
}
