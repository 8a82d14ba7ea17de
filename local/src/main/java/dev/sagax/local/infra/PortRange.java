package dev.sagax.local.infra;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Ports next to each other, each given out once before any is given out again. A lock on a file in
 * the cache keeps them from other JVMs with this cache, and ends with this JVM, however it dies.
 */
final class PortRange {
  /**
   * The files of this JVM's ranges. To open one again and close it would give up the lock: to Linux
   * a lock is its process's, not its channel's.
   */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  /** A few exchanges of many processes. */
  private static final int SIZE = 400;

  private final int lowest;
  private final int size;
  private final AtomicInteger given;

  /** Null if these ports are everybody's. Collected as garbage, a channel gives up its locks. */
  private final FileLock lock;

  private PortRange(int lowest, int size, FileLock lock) {
    this.lowest = lowest;
    this.size = size;
    this.lock = lock;
    this.given = new AtomicInteger(RandomGenerator.getDefault().nextInt(size));
  }

  /**
   * A part between these two that no other JVM has; all of it if none is left or the cache cannot
   * be written, which is what a single JVM needs.
   */
  static PortRange lease(int lowest, int highest) {
    try {
      return lease(Binaries.cache().resolve("ports"), lowest, highest);
    } catch (IOException noCache) {
      return new PortRange(lowest, highest - lowest, null);
    }
  }

  static PortRange lease(Path locks, int lowest, int highest) throws IOException {
    Files.createDirectories(locks);
    int parts = (highest - lowest) / SIZE;
    int first = RandomGenerator.getDefault().nextInt(parts);
    for (int n = 0; n < parts; n++) {
      int port = lowest + (first + n) % parts * SIZE;
      FileLock lock = locked(locks.resolve(Integer.toString(port)));
      if (lock != null) {
        return new PortRange(port, SIZE, lock);
      }
    }
    return new PortRange(lowest, highest - lowest, null);
  }

  /** Null if someone has it. */
  private static FileLock locked(Path file) throws IOException {
    if (!OURS.add(file.toAbsolutePath())) {
      return null;
    }
    FileLock lock = null;
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      lock = channel.tryLock();
    } finally {
      if (lock == null) {
        channel.close();
        OURS.remove(file.toAbsolutePath());
      }
    }
    return lock;
  }

  int size() {
    return size;
  }

  /** The next one; who knows whether it is free. */
  int next() {
    return lowest + Math.floorMod(given.getAndIncrement(), size);
  }

  @Override
  public String toString() {
    return "%d to %d%s"
        .formatted(lowest, lowest + size - 1, lock == null ? "" : ", which are this JVM's");
  }
}
