package dev.sagax.platform.schema;

import java.util.List;

/**
 * The schema of one service and how its tables came about. A service names its implementation in
 * META-INF/services too, where {@link dev.sagax.platform.boot.MigrateMain} finds it.
 */
public interface ServiceSchema {

  /** "orders" */
  String name();

  /**
   * The service's migrations on the class path, like "dev/sagax/order/store/V2__orders.sql". A
   * number is given once in the whole project, to the next migration of whichever module; the
   * tables of the steps have number 1. One that was released never changes again.
   */
  List<String> migrations();

  /**
   * A resource with the columns and indexes of a schema of the last build that had no versions: one
   * that looks so is taken over as it is, with its data.
   */
  String unversioned();

  /**
   * A resource with what the service's role may do with its tables, beyond reading all of them and
   * keeping its step: grants to {@code :role}. For where that role does not own them.
   */
  String grants();
}
