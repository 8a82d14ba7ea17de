package dev.sagax.order.store;

import dev.sagax.platform.schema.ServiceSchema;
import java.util.List;

/** The schema of order-svc. */
public final class OrdersSchema implements ServiceSchema {
  private static final String HERE = "dev/sagax/order/store/";

  @Override
  public String name() {
    return "orders";
  }

  @Override
  public List<String> migrations() {
    return List.of(HERE + "V2__orders.sql", HERE + "V3__cancel_after_by_partition.sql");
  }

  @Override
  public String unversioned() {
    return HERE + "unversioned-tables.txt";
  }

  @Override
  public String grants() {
    return HERE + "orders-grants.sql";
  }
}
