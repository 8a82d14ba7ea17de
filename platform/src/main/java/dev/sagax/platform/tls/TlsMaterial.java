package dev.sagax.platform.tls;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.net.TrustOptions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** A certificate with its key and the CAs to believe, that belong together and are in force. */
public final class TlsMaterial {
  private static final List<String> PROTOCOLS = List.of("h2", "http/1.1");

  private final TlsFiles files;
  private final TlsFiles.Content content;
  private final X509Certificate own;

  private TlsMaterial(TlsFiles files, TlsFiles.Content content, X509Certificate own) {
    this.files = files;
    this.content = content;
    this.own = own;
  }

  static TlsMaterial of(TlsFiles files, TlsFiles.Content content) {
    X509Certificate own = certificates(whereCertificate(files), content.certificate()).getFirst();
    requireInForce(whereCertificate(files), own);
    String whereCa = "tls.ca (%s)".formatted(files.ca());
    List<X509Certificate> believed = certificates(whereCa, content.ca());
    if (believed.stream().noneMatch(TlsMaterial::isInForce)) {
      requireInForce(whereCa, believed.getFirst());
    }
    requireTogether(files, own, content.key());
    return new TlsMaterial(files, content, own);
  }

  private static String whereCertificate(TlsFiles files) {
    return "tls.certificate (%s)".formatted(files.certificate());
  }

  private static List<X509Certificate> certificates(String where, Buffer text) {
    try {
      return Pem.certificates(text);
    } catch (CertificateException e) {
      throw new TlsException(
          "%s holds no certificate in PEM: %s.".formatted(where, e.getMessage()), e);
    }
  }

  private static void requireInForce(String where, X509Certificate certificate) {
    String name = certificate.getSubjectX500Principal().getName();
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    Instant now = Instant.now();
    if (now.isAfter(to)) {
      throw new TlsException(
          "%s: the certificate of %s expired at %s; renew it.".formatted(where, name, to));
    }
    if (now.isBefore(from)) {
      throw new TlsException(
          "%s: the certificate of %s is not valid before %s; check this machine's clock."
              .formatted(where, name, from));
    }
  }

  private static boolean isInForce(X509Certificate certificate) {
    Instant now = Instant.now();
    return !now.isAfter(certificate.getNotAfter().toInstant())
        && !now.isBefore(certificate.getNotBefore().toInstant());
  }

  private static void requireTogether(TlsFiles files, X509Certificate own, Buffer key) {
    try {
      if (!Pem.belongTogether(own, key)) {
        throw new TlsException(
            "tls.key (%s) is not the key of the certificate in tls.certificate (%s)."
                .formatted(files.key(), files.certificate()));
      }
    } catch (GeneralSecurityException e) {
      throw new TlsException(
          "tls.key (%s) holds no private key that can be used: %s."
              .formatted(files.key(), e.getMessage()),
          e);
    }
  }

  /** Whether it was made of this. */
  boolean isOf(TlsFiles.Content read) {
    return content.equals(read);
  }

  /**
   * @throws TlsException if its time is over
   */
  void requireInForce() {
    requireInForce(whereCertificate(files), own);
  }

  /** When the certificate ends. */
  public Instant expires() {
    return own.getNotAfter().toInstant();
  }

  /** "CN=order-svc, until 2027-01-01T00:00:00Z" */
  @Override
  public String toString() {
    return "%s, until %s".formatted(own.getSubjectX500Principal().getName(), expires());
  }

  public KeyCertOptions keyCert() {
    return new PemKeyCertOptions().setCertValue(content.certificate()).setKeyValue(content.key());
  }

  public TrustOptions trust() {
    return new PemTrustOptions().addCertValue(content.ca());
  }

  /**
   * For a server: a client may show a certificate, and is turned away if it shows one that no
   * believed CA has issued.
   */
  public ServerSSLOptions ofServer() {
    return new ServerSSLOptions()
        .setKeyCertOptions(keyCert())
        .setTrustOptions(trust())
        .setClientAuth(ClientAuth.REQUEST)
        .setUseAlpn(true)
        .setApplicationLayerProtocols(PROTOCOLS);
  }
}
