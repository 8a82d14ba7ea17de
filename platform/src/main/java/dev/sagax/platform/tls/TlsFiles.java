package dev.sagax.platform.tls;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The PEM files that say who a process is, and whom it believes.
 *
 * @param certificate its own one first, then those that lead to its CA
 * @param key of that certificate
 * @param ca the CAs whose certificates the peers must have
 */
public record TlsFiles(Path certificate, Path key, Path ca) {

  /** What the files hold, as it stands there. */
  record Content(Buffer certificate, Buffer key, Buffer ca) {}

  /**
   * What the files hold now. Blocking.
   *
   * @throws TlsException with a sentence that names the setting and what to do, if they cannot be
   *     used
   */
  public TlsMaterial read() {
    return TlsMaterial.of(this, content());
  }

  /**
   * Reads the files and looks no further. Blocking.
   *
   * @throws TlsException if one cannot be read
   */
  Content content() {
    return new Content(
        read("tls.certificate", certificate), read("tls.key", key), read("tls.ca", ca));
  }

  private static Buffer read(String setting, Path file) {
    try {
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new TlsException("%s: the file %s cannot be read (%s).".formatted(setting, file, e), e);
    }
  }
}
