package dev.sagax.bench.mutants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A bug that somebody could make, as a change of one source file, and the test that catches it. The
 * shipped classes know nothing of it.
 *
 * @param name the name of its file
 * @param bug what is wrong, and what comes of it
 * @param source path of the Java source or resource, from the project's folder
 * @param find the text to replace; how it is broken into lines does not matter
 * @param replace what takes its place
 * @param module the module of the test
 * @param test the test: {@code package.Class#method}
 * @param symptom text of the failure, for a bug that shows as an exception; "" = an assertion fails
 */
record Mutant(
    String name,
    String bug,
    String source,
    String find,
    String replace,
    String module,
    String test,
    String symptom) {
  static final String FOLDER = "mutants";
  private static final String ENDING = ".yaml";
  private static final String JAVA = "src/main/java/";
  private static final String RESOURCES = "src/main/resources/";
  private static final YAMLMapper YAML = new YAMLMapper();

  /** A mutant as its file has it. */
  private record Written(
      String bug,
      String source,
      String find,
      String replace,
      String module,
      String test,
      String symptom) {}

  /**
   * All mutants of a project, by name.
   *
   * @throws MutantException if one is not well written
   */
  static List<Mutant> all(Path home) {
    try (Stream<Path> files = Files.list(home.resolve(FOLDER))) {
      return files
          .filter(file -> file.toString().endsWith(ENDING))
          .sorted()
          .map(Mutant::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Mutant read(Path file) {
    try {
      return parse(file.getFileName().toString().replace(ENDING, ""), Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Mutant parse(String name, String yaml) {
    Written written;
    try {
      written = YAML.readValue(yaml, Written.class);
    } catch (JsonProcessingException e) {
      throw new MutantException("Mutant %s: %s".formatted(name, e.getOriginalMessage()));
    }
    Mutant mutant =
        new Mutant(
            name,
            needed(name, "bug", written.bug),
            needed(name, "source", written.source),
            needed(name, "find", written.find),
            written.replace == null ? "" : written.replace,
            needed(name, "module", written.module),
            needed(name, "test", written.test),
            written.symptom == null ? "" : written.symptom);
    mutant.requireSound();
    return mutant;
  }

  private static String needed(String name, String field, String value) {
    if (value == null || value.isBlank()) {
      throw new MutantException("Mutant %s: the field %s is missing.".formatted(name, field));
    }
    return value.strip();
  }

  private void requireSound() {
    boolean placed = source.contains("/" + JAVA) || source.contains("/" + RESOURCES);
    require(placed, "source", "lies below src/main/java or src/main/resources of a module", source);
    require(test.matches("[\\w.$]+#\\w+"), "test", "is written package.Class#method", test);
  }

  private void require(boolean holds, String field, String rule, String value) {
    if (!holds) {
      throw new MutantException(
          "Mutant %s: the field %s %s, but is \"%s\".".formatted(name, field, rule, value));
    }
  }

  /** The module of the source. */
  String sourceModule() {
    return source.substring(0, source.indexOf('/'));
  }

  boolean isJava() {
    return source.contains("/" + JAVA);
  }

  /** Where the file lies on the class path. */
  String resource() {
    String root = isJava() ? JAVA : RESOURCES;
    return source.substring(source.indexOf(root) + root.length());
  }

  /**
   * The source with the bug.
   *
   * @throws MutantException if the text to replace does not occur exactly once: the mutant is stale
   */
  String applyTo(String text) {
    Pattern pattern =
        Pattern.compile(
            Stream.of(find.split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+")));
    List<MatchResult> found = pattern.matcher(text).results().toList();
    if (found.size() != 1) {
      throw new MutantException(
          "Mutant %s is stale: its text occurs %d times in %s, not once. Bring its \"find\" up to date."
              .formatted(name, found.size(), source));
    }
    MatchResult here = found.getFirst();
    return text.substring(0, here.start()) + replace.strip() + text.substring(here.end());
  }

  /** The source with the bug, as it would stand in the project. */
  String mutated(Path home) {
    Path file = home.resolve(source);
    try {
      return applyTo(Files.readString(file));
    } catch (IOException e) {
      throw new MutantException("Mutant %s: %s cannot be read.".formatted(name, source));
    }
  }
}
