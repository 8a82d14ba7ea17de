package dev.sagax.platform.tls;

import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * Shakes hands with PostgreSQL once more, only to hear why that fails: the client says no more than
 * that it does.
 */
public final class PostgresHandshake {
  private static final String UNEXPLAINED = "SSL handshake failed";
  private static final int PATIENCE_MILLIS = 5_000;
  private static final int SSL_REQUEST_BYTES = 8;
  private static final int SSL_REQUEST = 80_877_103;

  private static final Set<SslMode> VERIFIED = EnumSet.of(SslMode.VERIFY_CA, SslMode.VERIFY_FULL);

  private PostgresHandshake() {}

  /** Whether there is more to be heard. */
  public static boolean isUnexplained(Throwable failure) {
    return failure instanceof VertxException && UNEXPLAINED.equals(failure.getMessage());
  }

  /**
   * Why the handshake fails; empty if it does not, if the server is away, or if the URI asks for no
   * verified certificate. Blocking.
   */
  public static Optional<SSLException> failure(String uri) {
    PgConnectOptions server = StoreAddress.postgres(uri);
    if (!VERIFIED.contains(server.getSslMode())) {
      return Optional.empty();
    }
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), PATIENCE_MILLIS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(SSL_REQUEST_BYTES);
      out.writeInt(SSL_REQUEST);
      if (socket.getInputStream().read() == 'S') {
        shakeHands(socket, server, believing(StoreAddress.rootOf(uri)));
      }
      return Optional.empty();
    } catch (SSLException failure) {
      return Optional.of(failure);
    } catch (IOException | GeneralSecurityException away) {
      return Optional.empty();
    }
  }

  private static void shakeHands(Socket socket, PgConnectOptions server, SSLContext context)
      throws IOException {
    SSLSocket secured =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(socket, server.getHost(), server.getPort(), true);
    if (server.getSslMode() == SslMode.VERIFY_FULL) {
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      secured.setSSLParameters(parameters);
    }
    secured.startHandshake();
  }

  private static SSLContext believing(String ca) throws IOException, GeneralSecurityException {
    KeyStore believed = KeyStore.getInstance(KeyStore.getDefaultType());
    believed.load(null, null);
    Buffer text = Buffer.buffer(Files.readAllBytes(Path.of(ca)));
    for (X509Certificate certificate : Pem.certificates(text)) {
      believed.setCertificateEntry("ca" + believed.size(), certificate);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(believed);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
