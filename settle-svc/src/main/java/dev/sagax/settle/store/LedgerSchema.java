package dev.sagax.settle.store;

import dev.sagax.platform.schema.ServiceSchema;
import java.util.List;

/** The schema of settle-svc. */
public final class LedgerSchema implements ServiceSchema {
  private static final String HERE = "dev/sagax/settle/store/";

  @Override
  public String name() {
    return "ledger";
  }

  @Override
  public List<String> migrations() {
    return List.of(
        HERE + "V2__ledger.sql",
        HERE + "V4__external_id_again.sql",
        HERE + "V5__transfer_held_first.sql");
  }

  @Override
  public String unversioned() {
    return HERE + "unversioned-tables.txt";
  }

  @Override
  public String grants() {
    return HERE + "ledger-grants.sql";
  }
}
