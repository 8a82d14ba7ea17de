package dev.sagax.match;

import dev.sagax.platform.boot.ServiceMain;

/** The process of match-svc. */
public final class MatchMain {
  private static final int DEFAULT_PORT = 9102;

  private MatchMain() {}

  public static void main(String[] args) {
    ServiceMain.run("match-svc", DEFAULT_PORT, MatchVerticle::new, args);
  }
}
