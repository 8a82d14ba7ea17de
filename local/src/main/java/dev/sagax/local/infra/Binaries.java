package dev.sagax.local.infra;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * Unpacks the servers' binaries from the class path, once for each content, into {@code
 * $SAGAX_CACHE}, else {@code ~/.cache/sagax}. Each is unpacked beside its place and then renamed,
 * so what is there is whole, and processes that unpack at the same time agree.
 */
final class Binaries {
  private static final String POSTGRES = "/postgres-linux-x86_64.txz";
  private static final String REDIS = "/redis-server-6.2.6-v5-linux-amd64";

  private Binaries() {}

  /** The directory with PostgreSQL's bin, lib and share. */
  static Path postgres() throws IOException {
    return unpacked(cache(), "postgres", POSTGRES, Binaries::untar);
  }

  /** The executable redis-server. */
  static Path redis() throws IOException {
    return redis(cache());
  }

  static Path redis(Path cache) throws IOException {
    return unpacked(cache, "redis", REDIS, Binaries::copyExecutable).resolve("redis-server");
  }

  private interface Unpacker {
    void unpack(InputStream from, Path into) throws IOException;
  }

  private static Path unpacked(Path cache, String name, String resource, Unpacker unpacker)
      throws IOException {
    Path place = cache.resolve(name + "-" + fingerprint(resource));
    if (Files.isDirectory(place)) {
      return place;
    }
    Files.createDirectories(cache);
    Path fresh = Files.createTempDirectory(cache, name + ".new");
    try (InputStream in = Binaries.class.getResourceAsStream(resource)) {
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
      unpacker.unpack(in, fresh);
      rename(fresh, place);
    } finally {
      deleteTree(fresh);
    }
    return place;
  }

  private static void rename(Path fresh, Path place) throws IOException {
    try {
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(place)) {
        throw e;
      }
      // Another process was faster; its copy is the same.
    }
  }

  private static void untar(InputStream from, Path into) throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(from))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        writeEntry(tar, entry, into.resolve(entry.getName()).normalize());
      }
    }
  }

  private static void writeEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path file)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(file);
      return;
    }
    Files.createDirectories(file.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, file);
    boolean executable = (entry.getMode() & 0100) != 0;
    Files.setPosixFilePermissions(
        file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static void copyExecutable(InputStream from, Path into) throws IOException {
    Path file = into.resolve("redis-server");
    Files.copy(from, file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Tells contents apart: the checksum that the jar's directory holds of the entry. */
  private static String fingerprint(String resource) throws IOException {
    URL url = Binaries.class.getResource(resource);
    if (url == null) {
      throw new InfrastructureException(
          "The class path holds no " + resource + ": is its Maven artifact missing?");
    }
    if (url.openConnection() instanceof JarURLConnection jar) {
      return Long.toHexString(jar.getJarEntry().getCrc());
    }
    throw new InfrastructureException("Expected " + url + " to be in a jar.");
  }

  /** Says clearly that this is no machine for the binaries, rather than failing in some way. */
  static void requireLinux() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.equals("Linux amd64")) {
      throw new InfrastructureException(
          "The local servers exist for Linux amd64 only, and this is " + system + ".");
    }
  }

  /** What is made once on this machine and is the same for all who make it. */
  static Path cache() {
    String configured = System.getenv("SAGAX_CACHE");
    return configured == null || configured.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "sagax")
        : Path.of(configured).toAbsolutePath();
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
