package dev.sagax.local;

import dev.sagax.local.infra.ChildJvm;
import dev.sagax.local.infra.ClassArchive;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The command line of a service's process: a small JVM, for many of them share the machine's cores.
 * Where our class path has jars only, it starts from an archive of its classes.
 */
final class ServiceCommand {
  private static final int GRACEFUL_END = 128 + 15;

  /**
   * What services have no use for: commands, servers, and what only tests have, so that all who
   * start services start them from the same archive of classes.
   */
  private static final Predicate<String> NOT_THEIRS =
      Pattern.compile(
              "(sagax-(local|bench|examples)|kafka_|scala-|embedded-|junit|assertj|archunit|opentest4j|apiguardian|byte-buddy|opentelemetry-proto|netty-pkitesting|bc(prov|pkix|util)-|log4j-core).*")
          .asMatchPredicate();

  private final List<String> fixedWords;
  private final ClassArchive classes;

  /**
   * @param fixedWords the program, then its options without those of the archive
   * @param classes null for none
   */
  private ServiceCommand(List<String> fixedWords, ClassArchive classes) {
    this.fixedWords = fixedWords;
    this.classes = classes;
  }

  /** Any other program, for tests. */
  static ServiceCommand of(String... words) {
    return new ServiceCommand(List.of(words), null);
  }

  /**
   * @param name of the service, the same for all replicas
   * @param written where the archive may be written, in a directory that no other run uses; null
   *     for a replica that leaves this to another one
   */
  static ServiceCommand of(String name, Class<?> main, Path written) throws IOException {
    List<Path> classPath = theirs(System.getProperty("java.class.path"));
    boolean jars = classPath.stream().allMatch(Files::isRegularFile);
    return new ServiceCommand(
        words(main.getName(), classPath), jars ? new ClassArchive(name, classPath, written) : null);
  }

  /** A service of another build. */
  static ServiceCommand ofBuild(String classPath, String main) {
    return new ServiceCommand(words(main, theirs(classPath)), null);
  }

  private static List<Path> theirs(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath())
        .filter(entry -> !NOT_THEIRS.test(entry.getFileName().toString()) && !isOurs(entry))
        .sorted()
        .toList();
  }

  private static List<String> words(String main, List<Path> classPath) {
    List<String> words = new ArrayList<>();
    words.add(ChildJvm.java());
    words.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
    words.addAll(ChildJvm.moreOptions());
    words.add("-Dlogback.configurationFile=logback.xml");
    words.add("-cp");
    words.add(
        classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    words.add(main);
    return words;
  }

  /** Directories of classes of this module, and of those above it. */
  private static boolean isOurs(Path entry) {
    return Files.isDirectory(entry.resolve("dev/sagax/local"))
        || Files.isDirectory(entry.resolve("dev/sagax/bench"));
  }

  /** The words of the next start. */
  List<String> words() throws IOException {
    List<String> words = new ArrayList<>(fixedWords);
    if (classes != null) {
      words.addAll(1, classes.options());
    }
    return words;
  }

  /** Whether a process that starts now archives its classes at its end, for later starts. */
  boolean archivesClasses() {
    return classes != null && classes.isMissing();
  }

  /** Called when the process has ended. */
  void ended(int exitCode) {
    if (classes != null && exitCode == GRACEFUL_END) {
      classes.keep();
    }
  }
}
