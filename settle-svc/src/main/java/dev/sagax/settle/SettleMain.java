package dev.sagax.settle;

import dev.sagax.platform.boot.ServiceMain;

/** The process of settle-svc. */
public final class SettleMain {
  private static final int DEFAULT_PORT = 9103;

  private SettleMain() {}

  public static void main(String[] args) {
    ServiceMain.run("settle-svc", DEFAULT_PORT, SettleVerticle::new, args);
  }
}
