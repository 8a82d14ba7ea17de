package dev.sagax.settle.store;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.Function;
import java.util.function.Supplier;

/** Reads much of one moment, in pages. */
final class Snapshots {

  private Snapshots() {}

  /** All that a reader sees is of one moment. */
  static <T> Future<T> read(SqlConnection db, Supplier<Future<T>> reader) {
    return db.query("begin isolation level repeatable read read only")
        .execute()
        .compose(v -> reader.get())
        .eventually(() -> db.query("commit").execute());
  }

  /**
   * Reads rows page after page, within a transaction, without which there is no cursor.
   *
   * @param reader gets a page; the next one is read when it is done
   */
  static Future<Void> pages(
      SqlConnection db, String sql, int pageSize, Function<RowSet<Row>, Future<Void>> reader) {
    return db.prepare(sql)
        .compose(statement -> {
          Promise<Void> all = Promise.promise();
          readOn(statement.cursor(), pageSize, reader, all);
          return all.future().eventually(statement::close);
        });
  }

  /** One promise for all pages: a chain of futures would grow with the rows. */
  private static void readOn(
      Cursor cursor, int pageSize, Function<RowSet<Row>, Future<Void>> reader, Promise<Void> all) {
    cursor
        .read(pageSize)
        .compose(reader)
        .onFailure(all::fail)
        .onSuccess(v -> {
          if (cursor.hasMore()) {
            readOn(cursor, pageSize, reader, all);
          } else {
            all.complete();
          }
        });
  }
}
