package dev.sagax.local.infra;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Whether a server speaks TLS, with a certificate of the expected CA. */
final class TlsProbe {
  private static final int PATIENCE_MILLIS = 2_000;

  private TlsProbe() {}

  static boolean shakesHands(String host, int port, Path ca) throws IOException {
    try (SSLSocket socket = (SSLSocket) believing(ca).getSocketFactory().createSocket(host, port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.startHandshake();
      return true;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static SSLContext believing(Path ca) throws IOException, GeneralSecurityException {
    KeyStore believed = KeyStore.getInstance(KeyStore.getDefaultType());
    believed.load(null, null);
    try (InputStream in = Files.newInputStream(ca)) {
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        believed.setCertificateEntry("ca" + believed.size(), each);
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(believed);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
