package dev.sagax.local.locks;

import dev.sagax.platform.tls.TlsFiles;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** A certificate authority for tests, and what it issues. */
public final class DevCa {
  private static final List<String> THIS_MACHINE = List.of("localhost");

  private final X509Bundle bundle;
  private final Path folder;
  private final String name;

  /**
   * @param folder for its files and those that it issues
   */
  public DevCa(Path folder, String name) {
    this.folder = folder;
    this.name = name;
    try {
      this.bundle =
          valid(Duration.ofDays(365))
              .subject("CN=" + name)
              .setIsCertificateAuthority(true)
              .setKeyUsage(true, KeyUsage.digitalSignature, KeyUsage.keyCertSign, KeyUsage.cRLSign)
              .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    write(file(), bundle.getCertificatePEM());
  }

  /** What its certificate is in. */
  public Path file() {
    return folder.resolve(name + "-ca.crt");
  }

  /** For a server on this machine, and as a client, for a day. */
  public TlsFiles issue(String subject) {
    return issue(subject, Duration.ofDays(1), THIS_MACHINE);
  }

  /** Ended an hour ago. */
  public TlsFiles issueExpired(String subject) {
    return issue(subject, Duration.ofHours(-1), THIS_MACHINE);
  }

  /** For a server that is called by another name. */
  public TlsFiles issueFor(String subject, String host) {
    return issue(subject, Duration.ofDays(1), List.of(host));
  }

  /**
   * Writes over what was issued for the same subject.
   *
   * @param life from now on; below zero for one that has ended
   */
  public TlsFiles issue(String subject, Duration life, List<String> hosts) {
    CertificateBuilder builder =
        valid(life)
            .subject("CN=" + subject)
            .setKeyUsage(true, KeyUsage.digitalSignature)
            .addExtendedKeyUsageServerAuth()
            .addExtendedKeyUsageClientAuth();
    hosts.forEach(builder::addSanDnsName);
    if (hosts.equals(THIS_MACHINE)) {
      builder.addSanIpAddress("127.0.0.1");
    }
    try {
      X509Bundle issued = builder.buildIssuedBy(bundle);
      TlsFiles files =
          new TlsFiles(folder.resolve(subject + ".crt"), folder.resolve(subject + ".key"), file());
      write(files.certificate(), issued.getCertificatePEM());
      write(files.key(), issued.getPrivateKeyPEM());
      return files;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static CertificateBuilder valid(Duration life) {
    Instant end = Instant.now().plus(life);
    return new CertificateBuilder()
        .algorithm(CertificateBuilder.Algorithm.ecp256)
        .notBefore(end.minus(Duration.ofDays(400)))
        .notAfter(end);
  }

  /** Files of several, in one. */
  public static Path joined(Path into, Path... files) {
    write(into, String.join("\n", Arrays.stream(files).map(DevCa::read).toList()));
    return into;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** At once, as a mounted Secret changes: nobody sees half of it. */
  public static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Path draft = Files.writeString(file.resolveSibling(file.getFileName() + ".draft"), text);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
