package dev.sagax.settle;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Gives the audit that runs by itself an event loop of its own, so that no call waits for it. */
final class AuditVerticle extends VerticleBase {
  private final SelfAudit audit;

  AuditVerticle(SelfAudit audit) {
    this.audit = audit;
  }

  @Override
  public Future<?> start() {
    audit.start();
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    audit.stop();
    return Future.succeededFuture();
  }
}
