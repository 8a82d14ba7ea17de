package dev.sagax.platform.rpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.Set;
import java.util.UUID;

/** An RSA private key in a PEM file (PKCS#8) that only its owner can read. */
final class KeyFile {
  private static final int BITS = 2048;
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private KeyFile() {}

  /** Processes that start at once over a missing file end with the same key. */
  static KeyPair loadOrCreate(Path file) throws IOException {
    if (!Files.exists(file)) {
      create(file);
    }
    return load(file);
  }

  /** Writes the whole key beside the file, then links it: of several writers the first one wins. */
  private static void create(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path draft = folder.resolve(file.getFileName() + "." + UUID.randomUUID());
    FileAttribute<?> ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      try (var channel = FileChannel.open(draft, options, ownerOnly)) {
        channel.write(ByteBuffer.wrap(pem(generate()).getBytes(StandardCharsets.US_ASCII)));
        channel.force(true);
      }
      Files.createLink(file, draft);
    } catch (FileAlreadyExistsException e) {
      // Another process was first: its key is the key.
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static KeyPair generate() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java runtime has no RSA.", e);
    }
  }

  private static String pem(KeyPair key) {
    byte[] newline = {'\n'};
    String body = Base64.getMimeEncoder(64, newline).encodeToString(key.getPrivate().getEncoded());
    return BEGIN + "\n" + body + "\n" + END + "\n";
  }

  private static KeyPair load(Path file) throws IOException {
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException("Expected a PKCS#8 private key in PEM in " + file + ".");
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
      return pairOf(der, file);
    } catch (GeneralSecurityException | IllegalArgumentException | ClassCastException e) {
      throw new IOException("The private key in " + file + " is no RSA key.", e);
    }
  }

  private static KeyPair pairOf(byte[] der, Path file)
      throws GeneralSecurityException, IOException {
    var factory = KeyFactory.getInstance("RSA");
    var key = (RSAPrivateCrtKey) factory.generatePrivate(new PKCS8EncodedKeySpec(der));
    if (key.getModulus().bitLength() < BITS) {
      throw new IOException(
          "The RSA key in %s has %d bits; at least %d are needed."
              .formatted(file, key.getModulus().bitLength(), BITS));
    }
    var publicSpec = new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent());
    return new KeyPair(factory.generatePublic(publicSpec), key);
  }
}
