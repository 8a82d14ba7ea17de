package dev.sagax.platform.tracing;

import io.vertx.core.internal.VertxBootstrap;
import io.vertx.core.spi.VertxServiceProvider;

/** Gives every context its place for {@link Underway}; Vert.x finds it as it starts. */
public final class UnderwayRegistration implements VertxServiceProvider {
  /** Names the place, so that it is taken before Vert.x counts the places. */
  private static final Object PLACE = Underway.LOCAL;

  @Override
  public void init(VertxBootstrap builder) {
    if (PLACE == null) {
      throw new IllegalStateException("Contexts have no place for what is underway.");
    }
  }
}
