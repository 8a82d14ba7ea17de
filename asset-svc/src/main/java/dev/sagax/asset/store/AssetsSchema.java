package dev.sagax.asset.store;

import dev.sagax.platform.schema.ServiceSchema;
import java.util.List;

/** The schema of asset-svc. */
public final class AssetsSchema implements ServiceSchema {
  private static final String HERE = "dev/sagax/asset/store/";

  @Override
  public String name() {
    return "assets";
  }

  @Override
  public List<String> migrations() {
    return List.of(HERE + "V2__assets.sql");
  }

  @Override
  public String unversioned() {
    return HERE + "unversioned-tables.txt";
  }

  @Override
  public String grants() {
    return HERE + "assets-grants.sql";
  }
}
