package dev.sagax.local.infra;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * The classes that a JVM has loaded in an earlier run, read in and verified (class data sharing),
 * in the cache. A JVM that starts from them needs a third of the CPU time. Its name stands for the
 * JVM and the class path, so it is never stale; the JVM ignores one that it cannot use, and starts
 * as it would without.
 *
 * <p>A JVM that finds none writes it when it ends gracefully, into a file of its own, which {@link
 * #keep} then puts into the cache in one step: what is there is whole.
 */
public final class ClassArchive {
  /** Each build of ours makes another one; a few serve several checkouts. */
  private static final int MOST_OF_A_NAME = 3;

  private final String name;
  private final Path place;
  private final Path written;

  /**
   * In the cache of this machine.
   *
   * @param classPath jars only: a JVM archives nothing if a directory is among them
   * @param written where the JVM may write, in a directory that no other run uses; null to write
   *     nothing
   */
  public ClassArchive(String name, List<Path> classPath, Path written) throws IOException {
    this(Binaries.cache(), name, classPath, written);
  }

  /**
   * @param classPath jars only: a JVM archives nothing if a directory is among them
   * @param written where the JVM may write, in a directory that no other run uses
   */
  ClassArchive(Path cache, String name, List<Path> classPath, Path written) throws IOException {
    this.name = name;
    this.place = cache.resolve("%s-%s.jsa".formatted(name, fingerprint(classPath)));
    this.written = written;
  }

  private static String fingerprint(List<Path> classPath) throws IOException {
    StringBuilder text = new StringBuilder(System.getProperty("java.home"));
    text.append(' ').append(Runtime.version());
    for (Path jar : classPath) {
      // What the JVM checks, too.
      text.append(File.pathSeparator).append(jar);
      text.append(' ').append(Files.size(jar)).append(' ').append(Files.getLastModifiedTime(jar));
    }
    return checksum(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** The options of the JVM that is about to start. */
  public List<String> options() throws IOException {
    if (written != null) {
      Files.deleteIfExists(written);
    }
    if (Files.exists(place)) {
      return List.of("-XX:SharedArchiveFile=" + place);
    }
    return written == null ? List.of() : List.of("-XX:ArchiveClassesAtExit=" + written);
  }

  /** Whether a JVM that starts now is to write it. */
  public boolean isMissing() {
    return written != null && Files.notExists(place);
  }

  /** Called when the JVM has ended gracefully. */
  public void keep() {
    if (written == null || Files.notExists(written)) {
      return;
    }
    try {
      Path copy = Files.createTempFile(place.getParent(), "classes", ".new");
      try {
        Files.copy(written, copy, StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, place, StandardCopyOption.ATOMIC_MOVE);
        forgetOldest();
      } finally {
        Files.deleteIfExists(copy);
        Files.deleteIfExists(written);
      }
    } catch (IOException notKept) {
      // A full disk, say. The next run writes it again.
    }
  }

  /** One that a JVM still uses is no loss to it. */
  private void forgetOldest() throws IOException {
    Map<Path, FileTime> times = new HashMap<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(place.getParent(), name + "-*.jsa")) {
      for (Path one : all) {
        times.put(one, Files.getLastModifiedTime(one));
      }
    }
    List<Path> newestFirst =
        times.keySet().stream()
            .sorted(Comparator.<Path, FileTime>comparing(times::get).reversed())
            .toList();
    for (Path old : newestFirst.subList(Math.min(MOST_OF_A_NAME, times.size()), times.size())) {
      Files.deleteIfExists(old);
    }
  }

  static String joined(List<Path> classPath) {
    return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  /** A jar in the cache with these resources of our class path, made at its first use. */
  static Path jar(String name, List<String> resources) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (JarOutputStream jar = new JarOutputStream(content)) {
      for (String resource : resources) {
        JarEntry entry = new JarEntry(resource);
        entry.setTime(0);
        jar.putNextEntry(entry);
        try (InputStream in = ClassArchive.class.getResourceAsStream("/" + resource)) {
          in.transferTo(jar);
        }
      }
    }
    byte[] bytes = content.toByteArray();
    Path place = Binaries.cache().resolve("%s-%s.jar".formatted(name, checksum(bytes)));
    if (Files.notExists(place)) {
      Files.createDirectories(place.getParent());
      Path fresh = Files.createTempFile(place.getParent(), name, ".new");
      Files.write(fresh, bytes);
      // A JVM takes an archive only with jars as old as those it was made of.
      Files.setLastModifiedTime(fresh, FileTime.fromMillis(0));
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    }
    return place;
  }

  private static String checksum(byte[] bytes) {
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    return Long.toHexString(checksum.getValue());
  }
}
