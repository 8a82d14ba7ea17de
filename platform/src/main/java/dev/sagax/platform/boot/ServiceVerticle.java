package dev.sagax.platform.boot;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/**
 * A service: the platform wires what all services share, the subclass adds what makes it this
 * service.
 */
public abstract class ServiceVerticle extends VerticleBase {
  private final String service;
  private final ServiceConfig config;

  protected ServiceVerticle(String service, ServiceConfig config) {
    this.service = service;
    this.config = config;
  }

  /**
   * Creates tables, registers RPC methods, starts the saga and followers. The port opens when it
   * succeeds.
   */
  protected abstract Future<Void> assemble(ServicePlatform platform);

  /** The port that the gRPC edge listens on, once started. */
  public final int port() {
    throw new UnsupportedOperationException("written next");
  }

  @Override
  public final Future<?> start() {
    return Future.failedFuture("written next: " + service + config);
  }
}
