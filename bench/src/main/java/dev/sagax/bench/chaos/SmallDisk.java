package dev.sagax.bench.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A disk of a few megabytes in memory, which can be filled. Needs the right to mount. */
final class SmallDisk implements AutoCloseable {
  private static final int PIECE_BYTES = 4 << 10;
  private static final String FILLING = "filling";

  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * @param directory made if it is not there; what is in it is hidden
   * @throws IllegalArgumentException if this machine does not let us
   */
  static SmallDisk mount(Path directory, int megabytes) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    int exit =
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "none", directory.toString());
    if (exit != 0) {
      throw new IllegalArgumentException(
          "A full disk can only be tried where we may mount one, as root; here mount ended with exit code %d."
              .formatted(exit));
    }
    return new SmallDisk(directory);
  }

  private static int run(String... words) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(words))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  /** Leaves no byte. */
  void fill() {
    try (OutputStream out = Files.newOutputStream(directory.resolve(FILLING))) {
      byte[] piece = new byte[PIECE_BYTES];
      while (true) {
        out.write(piece);
      }
    } catch (IOException full) {
      // which is what we want
    }
  }

  /** Takes away what fills it. */
  void free() {
    try {
      Files.deleteIfExists(directory.resolve(FILLING));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that is on it is gone, as soon as a server that is still on its way out has left it. */
  @Override
  public void close() {
    try {
      int exit = run("umount", "--lazy", directory.toString());
      if (exit != 0) {
        throw new IllegalStateException(
            "umount %s ended with exit code %d.".formatted(directory, exit));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
