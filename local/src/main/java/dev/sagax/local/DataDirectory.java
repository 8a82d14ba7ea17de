package dev.sagax.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/** Where a local exchange keeps everything. One process at a time may use it. */
public final class DataDirectory implements AutoCloseable {
  private static final String MARKER = "sagax.lock";

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private DataDirectory(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the directory, making it where it is missing.
   *
   * @param fresh empties it first; refused for a directory that is not ours
   * @throws IllegalStateException if another process uses it, or it holds something else
   */
  public static DataDirectory open(Path path, boolean fresh) {
    try {
      Files.createDirectories(path);
      if (Files.notExists(path.resolve(MARKER)) && !isEmpty(path)) {
        throw new IllegalStateException(
            path + " holds something that is not Sagax's; give another --data directory.");
      }
      FileChannel channel =
          FileChannel.open(
              path.resolve(MARKER), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      if (lock == null) {
        channel.close();
        throw new IllegalStateException("Another Sagax is running over " + path + ".");
      }
      DataDirectory directory = new DataDirectory(path, channel, lock);
      if (fresh) {
        directory.empty();
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Null if it is locked already, be it by another process or by this one. */
  private static FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException ours) {
      return null;
    }
  }

  private static boolean isEmpty(Path path) throws IOException {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.findAny().isEmpty();
    }
  }

  public Path path() {
    return path;
  }

  private void empty() throws IOException {
    delete(entry -> !entry.equals(path) && !entry.equals(path.resolve(MARKER)));
  }

  /** Gives the directory up and deletes it. */
  public void closeAndDelete() {
    close();
    try {
      delete(entry -> true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void delete(java.util.function.Predicate<Path> which) throws IOException {
    try (Stream<Path> entries = Files.walk(path)) {
      for (Path entry : entries.filter(which).sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
