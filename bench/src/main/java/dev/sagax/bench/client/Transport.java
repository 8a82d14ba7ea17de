package dev.sagax.bench.client;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * How a client speaks with the services.
 *
 * @param ca the CAs whose certificates the services must have; empty: it speaks without TLS
 * @param names what the services' certificates call them, {@code SERVICE} in it standing for each
 *     service's name; empty: as they are addressed
 */
public record Transport(Optional<Path> ca, Optional<String> names) {
  public static final Transport PLAIN = new Transport(Optional.empty(), Optional.empty());
  private static final String SERVICE = "SERVICE";

  /**
   * @throws IllegalArgumentException with a sentence that names the option at fault
   */
  public Transport {
    if (names.isPresent() && ca.isEmpty()) {
      throw new IllegalArgumentException("--authority is for services with TLS: say --ca too.");
    }
    if (ca.isPresent() && !Files.isReadable(ca.get())) {
      throw new IllegalArgumentException("--ca: the file %s cannot be read.".formatted(ca.get()));
    }
  }

  /**
   * @param service "order-svc"
   * @throws IllegalArgumentException if the CA's file holds no certificate
   */
  NettyChannelBuilder builder(String service, Targets.Address address) {
    NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address.host(), address.port());
    if (ca.isEmpty()) {
      return builder.usePlaintext();
    }
    names.ifPresent(name -> builder.overrideAuthority(name.replace(SERVICE, service)));
    try {
      return builder.sslContext(
          GrpcSslContexts.forClient().trustManager(ca.get().toFile()).build());
    } catch (SSLException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--ca: the file %s holds no certificate in PEM.".formatted(ca.get()), e);
    }
  }
}
