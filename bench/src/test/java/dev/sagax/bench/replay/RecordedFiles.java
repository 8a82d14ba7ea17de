package dev.sagax.bench.replay;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The recorded flow in the test data. */
final class RecordedFiles {

  private RecordedFiles() {}

  static Path path(String name) {
    try {
      return Path.of(RecordedFiles.class.getResource("/coinbase-2021-04-17/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
