package dev.sagax.platform.schema;

import dev.sagax.platform.tls.StoreAddress;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.util.Locale;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database as Flyway reaches it: over JDBC, with what the service's own address says. Nothing
 * waits for a lock for more than 5 s, unless {@link LockPatience} says so. PostgreSQL asks a client
 * that is silent whether it is there: one that lost its power holds the schema's lock for 25 s, and
 * not for hours.
 */
final class OwnerDatabase {
  static final String LOCK = "5s";
  private static final int CONNECT_SECONDS = 5;
  private static final String OPTIONS =
      "-c lock_timeout="
          + LOCK
          + " -c client_min_messages=warning"
          + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

  private OwnerDatabase() {}

  /**
   * @param uri as {@code postgres.uri} is, also with the CA of the server's certificate
   */
  static DataSource at(String uri) {
    PgConnectOptions address = StoreAddress.postgres(uri);
    PGSimpleDataSource database = at(address);
    if (address.getSslMode() == SslMode.VERIFY_CA || address.getSslMode() == SslMode.VERIFY_FULL) {
      database.setSslRootCert(StoreAddress.rootOf(uri));
    }
    return database;
  }

  static PGSimpleDataSource at(PgConnectOptions address) {
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
    database.setOptions(OPTIONS);
    return database;
  }
}
