package dev.sagax.match.store;

import dev.sagax.platform.schema.ServiceSchema;
import java.util.List;

/** The schema of match-svc. */
public final class MatchingSchema implements ServiceSchema {
  private static final String HERE = "dev/sagax/match/store/";

  @Override
  public String name() {
    return "matching";
  }

  @Override
  public List<String> migrations() {
    return List.of(HERE + "V2__matching.sql");
  }

  @Override
  public String unversioned() {
    return HERE + "unversioned-tables.txt";
  }

  @Override
  public String grants() {
    return HERE + "matching-grants.sql";
  }
}
