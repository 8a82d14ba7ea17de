package dev.sagax.platform.schema;

import io.vertx.pgclient.PgConnectOptions;
import java.util.Locale;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database as Flyway reaches it: over JDBC, with what the service's own address says. Nothing
 * waits for a lock for more than 5 s.
 */
final class OwnerDatabase {
  private static final int CONNECT_SECONDS = 5;

  private OwnerDatabase() {}

  static DataSource at(PgConnectOptions address) {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setServerNames(new String[] {address.getHost()});
    database.setPortNumbers(new int[] {address.getPort()});
    database.setDatabaseName(address.getDatabase());
    database.setUser(address.getUser());
    database.setPassword(address.getPassword());
    database.setSslMode(address.getSslMode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    database.setConnectTimeout(CONNECT_SECONDS);
    database.setTcpKeepAlive(true);
    database.setApplicationName("sagax-migration");
    database.setOptions("-c lock_timeout=5s -c client_min_messages=warning");
    return database;
  }
}
