package dev.sagax.bench.client;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a command speaks with services that somebody else runs; a mixin. */
public final class TlsOptions {
  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "The CA of the services' certificates, in PEM, where they speak TLS (default: no TLS).")
  private Path ca;

  @Option(
      names = "--authority",
      paramLabel = "NAME",
      description =
          "What their certificates call the services, where that is not how --target does, as with"
              + " port-forwards. SERVICE in it stands for order-svc, match-svc, settle-svc and"
              + " asset-svc: sagax-SERVICE.exchange.svc.cluster.local.")
  private String authority;

  public boolean isGiven() {
    return ca != null || authority != null;
  }

  /**
   * @throws IllegalArgumentException with a sentence that names the option at fault
   */
  public Transport transport() {
    return new Transport(Optional.ofNullable(ca), Optional.ofNullable(authority));
  }
}
