package dev.sagax.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes the root of a file system in which a JVM runs and nothing else: a runtime linked from the
 * JDK that runs this, the C libraries that it loads, and a user. No shell, no package manager, and
 * nothing is fetched. It has the processor and the C library of this machine.
 */
public final class RuntimeRoot {
  /** Where the images of Eclipse Temurin have it, too. */
  private static final String JAVA_HOME = "opt/java/openjdk";

  /**
   * What our class path needs, as jdeps says (a test asks it), and what is only looked up at run
   * time: jdk.crypto.ec has the curves of TLS before JDK 22, jdk.localedata is left out.
   */
  private static final String MODULES =
      "java.base,java.logging,java.management,java.naming,java.net.http,java.security.jgss,"
          + "java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.net,"
          + "jdk.unsupported";

  /** What older C libraries load by name only when a host is looked up. */
  private static final List<String> NAME_SERVICES =
      List.of("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2");

  private static final Pattern LIBRARY = Pattern.compile("(?:=> )?(/[^ ]+) \\(0x");
  private static final Pattern MISSING = Pattern.compile("(\\S+) => not found");
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};
  private static final String USER = "65532";

  private final Path root;

  private RuntimeRoot(Path root) {
    this.root = root;
  }

  /**
   * @param args the directory, which is made anew unless the JDK and this class are as they were
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    new RuntimeRoot(Path.of(args[0]).toAbsolutePath()).writeUnlessThere();
  }

  private void writeUnlessThere() throws IOException, InterruptedException {
    Path stamp = root.resolveSibling(root.getFileName() + ".made-of");
    String madeOf =
        "%s %s %s".formatted(Runtime.version(), System.getProperty("java.home"), digest());
    if (Files.exists(stamp) && Files.readString(stamp).equals(madeOf)) {
      return;
    }
    Files.deleteIfExists(stamp);
    delete(root);
    Files.createDirectories(root.resolve(JAVA_HOME).getParent());
    link();
    copyLibraries();
    writeNames();
    Files.createDirectories(root.resolve("tmp"));
    Files.writeString(stamp, madeOf);
  }

  /** Of this class: another list of modules makes another root. */
  private static int digest() throws IOException {
    try (InputStream in = RuntimeRoot.class.getResourceAsStream("RuntimeRoot.class")) {
      return java.util.Arrays.hashCode(in.readAllBytes());
    }
  }

  private void link() {
    ToolProvider jlink =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() ->
                new IllegalStateException(
                    "%s has no jlink; a whole JDK is needed."
                        .formatted(System.getProperty("java.home"))));
    int status =
        jlink.run(
            System.out,
            System.err,
            "--add-modules",
            MODULES,
            "--strip-java-debug-attributes",
            "--no-header-files",
            "--no-man-pages",
            "--compress",
            "zip-6",
            "--output",
            root.resolve(JAVA_HOME).toString());
    if (status != 0) {
      throw new IllegalStateException("jlink ended with " + status + ".");
    }
  }

  /** Under the paths that they have here, which are those where the loader looks. */
  private void copyLibraries() throws IOException, InterruptedException {
    Set<String> libraries = new TreeSet<>();
    List<Path> binaries = binaries();
    Set<String> own =
        binaries.stream().map(path -> path.getFileName().toString()).collect(Collectors.toSet());
    for (Path binary : binaries) {
      libraries.addAll(librariesOf(binary, own));
    }
    if (libraries.stream().noneMatch(library -> library.contains("/ld-"))) {
      throw new IllegalStateException("ldd names no loader, only " + libraries + ".");
    }
    for (String library : List.copyOf(libraries)) {
      if (library.endsWith("/libc.so.6")) {
        NAME_SERVICES.stream()
            .map(name -> Path.of(library).resolveSibling(name))
            .filter(Files::exists)
            .forEach(path -> libraries.add(path.toString()));
      }
    }
    for (String library : libraries) {
      Path copy = root.resolve(library.substring(1));
      Files.createDirectories(copy.getParent());
      Files.copy(Path.of(library).toRealPath(), copy, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private List<Path> binaries() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(root.resolve(JAVA_HOME))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try (InputStream in = Files.newInputStream(file)) {
          if (java.util.Arrays.equals(in.readNBytes(ELF.length), ELF)) {
            found.add(file);
          }
        }
      }
    }
    return found;
  }

  /**
   * @param own of the runtime, which knows where they are
   */
  private Set<String> librariesOf(Path binary, Set<String> own)
      throws IOException, InterruptedException {
    Process ldd = new ProcessBuilder("ldd", binary.toString()).redirectErrorStream(true).start();
    String said = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean missing =
        MISSING.matcher(said).results().anyMatch(library -> !own.contains(library.group(1)));
    if (ldd.waitFor() != 0 || missing) {
      throw new IllegalStateException("ldd cannot say what %s needs: %s".formatted(binary, said));
    }
    return LIBRARY
        .matcher(said)
        .results()
        .map(result -> result.group(1))
        .filter(library -> !Path.of(library).normalize().startsWith(root))
        .collect(Collectors.toSet());
  }

  private void writeNames() throws IOException {
    Path etc = Files.createDirectories(root.resolve("etc"));
    Files.writeString(
        etc.resolve("passwd"),
        """
        root:x:0:0:root:/:/sbin/nologin
        sagax:x:%1$s:%1$s:sagax:/:/sbin/nologin
        """
            .formatted(USER));
    Files.writeString(etc.resolve("group"), "root:x:0:\nsagax:x:%s:\n".formatted(USER));
    Files.writeString(
        etc.resolve("nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  }

  private static void delete(Path tree) throws IOException {
    if (Files.exists(tree)) {
      try (Stream<Path> files = Files.walk(tree)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
