package dev.sagax.local;

import dev.sagax.platform.rpc.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The dev key of a data directory: whoever can read it can sign tokens for anyone. */
public final class DevTokens {
  private DevTokens() {}

  /** Reads the key file, making it where it is missing. */
  public static Tokens load(Path keyFile) {
    try {
      return Tokens.ofKeyFile(keyFile);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read or write the key " + keyFile, e);
    }
  }
}
