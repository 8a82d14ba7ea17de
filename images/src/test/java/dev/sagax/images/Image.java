package dev.sagax.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** An image as a tar file, in the form that `docker save` writes and `docker load` reads. */
final class Image {
  private static final String GONE = ".wh.";
  private static final String ALL_GONE = ".wh..wh..opq";

  private final Path tar;
  private final List<String> layers = new ArrayList<>();
  private final JsonNode config;
  private final String tag;

  private Image(Path tar) throws IOException {
    this.tar = tar;
    ObjectMapper json = new ObjectMapper();
    JsonNode manifest = json.readTree(bytes("manifest.json")).get(0);
    manifest.get("Layers").forEach(layer -> layers.add(layer.asText()));
    config = json.readTree(bytes(manifest.get("Config").asText())).get("config");
    tag = manifest.at("/RepoTags/0").asText();
  }

  static Image at(Path tar) {
    try {
      return new Image(tar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** "sagax/order-svc:0.1.0" */
  String tag() {
    return tag;
  }

  /** How its containers are to be started: Entrypoint, Env, User and so on. */
  JsonNode config() {
    return config;
  }

  /** The names of its layers, which are digests of their content, the lowest first. */
  List<String> layers() {
    return List.copyOf(layers);
  }

  List<String> entrypoint() {
    List<String> words = new ArrayList<>();
    config.get("Entrypoint").forEach(word -> words.add(word.asText()));
    config.path("Cmd").forEach(word -> words.add(word.asText()));
    return words;
  }

  Map<String, String> environment() {
    Map<String, String> variables = new TreeMap<>();
    config
        .path("Env")
        .forEach(variable -> {
          String[] parts = variable.asText().split("=", 2);
          variables.put(parts[0], parts[1]);
        });
    return variables;
  }

  /**
   * Lays its layers over each other in a directory, as a container's file system is made.
   *
   * @return the modes of what is in the layers, by path; a file system without set-uid bits would
   *     not show them
   */
  Map<String, Integer> unpack(Path root) throws IOException {
    Files.createDirectories(root);
    Map<String, Integer> modes = new TreeMap<>();
    for (String layer : layers) {
      try (TarArchiveInputStream files =
          new TarArchiveInputStream(new GZIPInputStream(open(layer), 1 << 16))) {
        unpackLayer(files, root, modes);
      }
    }
    return modes;
  }

  private static void unpackLayer(
      TarArchiveInputStream files, Path root, Map<String, Integer> modes) throws IOException {
    for (TarArchiveEntry entry = files.getNextEntry();
        entry != null;
        entry = files.getNextEntry()) {
      Path path = root.resolve(entry.getName().replaceFirst("^/+", "")).normalize();
      if (!path.startsWith(root)) {
        throw new IOException(entry.getName() + " is outside of the image.");
      }
      String name = path.getFileName().toString();
      if (name.equals(ALL_GONE)) {
        deleteContent(path.getParent());
      } else if (name.startsWith(GONE)) {
        delete(path.resolveSibling(name.substring(GONE.length())));
      } else {
        write(files, entry, path);
        modes.put("/" + root.relativize(path), entry.getMode() & 07777);
      }
    }
  }

  private static void write(TarArchiveInputStream files, TarArchiveEntry entry, Path path)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(path);
    } else {
      Files.createDirectories(path.getParent());
      if (entry.isSymbolicLink()) {
        Files.deleteIfExists(path);
        Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        return;
      }
      if (!entry.isFile()) {
        throw new IOException(entry.getName() + " is neither file, directory nor symbolic link.");
      }
      Files.copy(files, path, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.setPosixFilePermissions(path, permissions(entry.getMode()));
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] highestFirst = PosixFilePermission.values();
    for (int bit = 0; bit < highestFirst.length; bit++) {
      if ((mode & (0400 >> bit)) != 0) {
        permissions.add(highestFirst[bit]);
      }
    }
    return permissions;
  }

  private static void deleteContent(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.toList()) {
          delete(file);
        }
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
      try (Stream<Path> files = Files.walk(tree)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private byte[] bytes(String name) throws IOException {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    }
  }

  /** One file of the tar. */
  private InputStream open(String name) throws IOException {
    TarArchiveInputStream files =
        new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(tar), 1 << 16));
    TarArchiveEntry entry = files.getNextEntry();
    while (entry != null && !entry.getName().equals(name)) {
      entry = files.getNextEntry();
    }
    if (entry == null) {
      files.close();
      throw new IOException("%s has no %s.".formatted(tar, name));
    }
    return files;
  }
}
