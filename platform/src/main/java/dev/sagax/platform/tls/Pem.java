package dev.sagax.platform.tls;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** Certificates and keys as text. */
final class Pem {
  private static final String BEGIN_KEY = "-----BEGIN PRIVATE KEY-----";
  private static final String END_KEY = "-----END PRIVATE KEY-----";
  private static final byte[] ANYTHING = "sagax".getBytes(StandardCharsets.US_ASCII);

  private Pem() {}

  /** All certificates of a text; at least one. */
  static List<X509Certificate> certificates(Buffer text) throws CertificateException {
    List<X509Certificate> found =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(text.getBytes()))
            .stream()
            .map(X509Certificate.class::cast)
            .toList();
    if (found.isEmpty()) {
      throw new CertificateException("there is no certificate in it");
    }
    return found;
  }

  /**
   * Whether a key is a certificate's.
   *
   * @throws GeneralSecurityException if it is not in PKCS#8 without a password: a key that cannot
   *     be looked at must not come into use
   */
  static boolean belongTogether(X509Certificate certificate, Buffer key)
      throws GeneralSecurityException {
    String text = key.toString(StandardCharsets.US_ASCII);
    int begin = text.indexOf(BEGIN_KEY);
    int end = text.indexOf(END_KEY);
    if (begin < 0 || end < begin) {
      throw new GeneralSecurityException(
          text.contains("PRIVATE KEY-----")
              ? "it is not PKCS#8 without a password (BEGIN PRIVATE KEY)"
              : "there is no private key in it");
    }
    PublicKey publicKey = certificate.getPublicKey();
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN_KEY.length(), end));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("it is no PEM", e);
    }
    try {
      PrivateKey privateKey =
          KeyFactory.getInstance(publicKey.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(der));
      return signAlike(privateKey, publicKey);
    } catch (GeneralSecurityException ofAnotherKind) {
      return false;
    }
  }

  private static boolean signAlike(PrivateKey privateKey, PublicKey publicKey)
      throws GeneralSecurityException {
    Signature signature =
        Signature.getInstance(
            switch (publicKey.getAlgorithm()) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> publicKey.getAlgorithm();
            });
    signature.initSign(privateKey);
    signature.update(ANYTHING);
    byte[] signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(ANYTHING);
    return signature.verify(signed);
  }
}
