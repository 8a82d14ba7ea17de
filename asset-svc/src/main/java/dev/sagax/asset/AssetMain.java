package dev.sagax.asset;

import dev.sagax.platform.boot.ServiceMain;

/** The process of asset-svc. */
public final class AssetMain {
  private static final int DEFAULT_PORT = 9104;

  private AssetMain() {}

  public static void main(String[] args) {
    ServiceMain.run("asset-svc", DEFAULT_PORT, AssetVerticle::new, args);
  }
}
