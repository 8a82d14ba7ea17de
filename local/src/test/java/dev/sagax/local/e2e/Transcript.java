package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The commands of a Markdown document, each with what it is shown to answer. Commands stand in
 * blocks marked {@code sh}; a block marked {@code json} or {@code text} right after one shows the
 * answers: to one command all of it, to several a JSON object each.
 */
final class Transcript {
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w*)\\n(.*?)^```\\n", Pattern.MULTILINE | Pattern.DOTALL);

  /** What looks like a command and stands outside of a block, where nobody would execute it. */
  private static final Pattern STRAY = Pattern.compile("`(grpcurl|curl|npx|export) [^`]*`");

  /**
   * A command.
   *
   * @param line where it begins, from 1 on
   * @param shown null if nothing is shown of its answer
   */
  record Step(int line, String command, Shown shown) {
    /** A call that the server answers until somebody ends it. */
    boolean isStream() {
      return command.contains("/Watch");
    }
  }

  private Transcript() {}

  static List<Step> read(String document) {
    assertThat(STRAY.matcher(document).results().map(found -> found.group()))
        .as("commands outside of blocks")
        .isEmpty();
    List<Step> steps = new ArrayList<>();
    Matcher block = BLOCK.matcher(document);
    List<Step> pending = new ArrayList<>();
    int endOfPending = 0;
    while (block.find()) {
      int line = 1 + (int) document.substring(0, block.start(2)).lines().count();
      switch (block.group(1)) {
        case "sh" -> {
          steps.addAll(pending);
          pending = commands(block.group(2), line);
          endOfPending = block.end();
        }
        case "json", "text" -> {
          assertThat(pending).as("line %d: shows the answer to commands", line).isNotEmpty();
          assertThat(document.substring(endOfPending, block.start()))
              .as("line %d: what stands between commands and answer", line)
              .isBlank();
          steps.addAll(answered(pending, Shown.of(block.group(1), block.group(2), line), line));
          pending = List.of();
        }
        default -> {}
      }
    }
    steps.addAll(pending);
    return steps;
  }

  private static List<Step> answered(List<Step> commands, Shown shown, int line) {
    if (commands.size() == 1) {
      return List.of(new Step(commands.get(0).line(), commands.get(0).command(), shown));
    }
    List<Shown> each = shown.split();
    assertThat(each)
        .as("line %d: answers to %d commands", line, commands.size())
        .hasSameSizeAs(commands);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < each.size(); i++) {
      steps.add(new Step(commands.get(i).line(), commands.get(i).command(), each.get(i)));
    }
    return steps;
  }

  /** A command goes on where a line ends with a backslash or within quotes. */
  private static List<Step> commands(String block, int firstLine) {
    List<Step> commands = new ArrayList<>();
    StringBuilder command = new StringBuilder();
    int begin = firstLine;
    int line = firstLine;
    for (String text : block.lines().toList()) {
      line++;
      command.append(text).append('\n');
      boolean open = command.chars().filter(c -> c == '\'').count() % 2 == 1;
      if (!open && !text.endsWith("\\")) {
        if (!text.isBlank()) {
          commands.add(new Step(begin, command.toString().strip(), null));
        }
        command.setLength(0);
        begin = line;
      }
    }
    assertThat(command.toString()).as("line %d: the rest of the block", begin).isEmpty();
    return commands;
  }
}
