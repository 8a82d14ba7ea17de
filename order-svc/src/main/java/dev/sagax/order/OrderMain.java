package dev.sagax.order;

import dev.sagax.platform.boot.ServiceMain;

/** The process of order-svc. */
public final class OrderMain {
  private static final int DEFAULT_PORT = 9101;

  private OrderMain() {}

  public static void main(String[] args) {
    ServiceMain.run("order-svc", DEFAULT_PORT, OrderVerticle::new, args);
  }
}
