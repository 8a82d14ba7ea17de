package dev.sagax.local.infra;

import java.nio.file.Path;
import java.util.List;

/** What the JVMs that we start have in common: Kafka's, and those of services as processes. */
public final class ChildJvm {
  private static final String OPTIONS = "SAGAX_CHILD_JAVA_OPTIONS";

  private ChildJvm() {}

  /** The executable of the JVM that we run in. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** What the environment asks for, words separated by spaces. */
  public static List<String> moreOptions() {
    String options = System.getenv().getOrDefault(OPTIONS, "").strip();
    return options.isEmpty() ? List.of() : List.of(options.split(" +"));
  }
}
