package dev.sagax.bench.client;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLException;

/** Servers for commands that speak TLS. */
public final class TlsServers {
  private TlsServers() {}

  /** One on a free loopback port, which shows this certificate. */
  public static NettyServerBuilder showing(X509Bundle certificate) throws SSLException {
    return NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
        .sslContext(
            GrpcSslContexts.configure(
                    SslContextBuilder.forServer(
                        certificate.getKeyPair().getPrivate(), certificate.getCertificatePath()))
                .build());
  }
}
