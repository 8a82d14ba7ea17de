package dev.sagax.asset.store;

import dev.sagax.asset.Transfer;
import dev.sagax.asset.Transfer.Outcome;
import dev.sagax.asset.TransferRequest;
import dev.sagax.asset.Transfers;
import dev.sagax.platform.log.StepWrites;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/**
 * Transfers in {@code assets.transfers}: read through the API's pool, written inside the step's
 * transaction.
 */
public final class PgTransfers implements Transfers {
  private static final String COLUMNS =
      "transfer_id, kind, account, request_id, asset, amount_units, create_micros, outcome,"
          + " external_id, stage_micros, note";

  private static final String INSERT =
      "insert into assets.transfers ("
          + COLUMNS
          + ") select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],"
          + " $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::bigint[], $11::text[])";

  private final SqlClient db;

  public PgTransfers(SqlClient db) {
    this.db = db;
  }

  @Override
  public Future<Optional<Transfer>> find(String account, String transferId) {
    return db.preparedQuery(
            "select " + COLUMNS + " from assets.transfers where transfer_id = $1 and account = $2")
        .execute(Tuple.of(transferId, account))
        .map(rows -> transfers(rows).stream().findFirst());
  }

  @Override
  public Future<List<Transfer>> list(String account, Filter filter, Place before, int limit) {
    return db.preparedQuery(
            "select "
                + COLUMNS
                + " from assets.transfers where account = $1"
                + " and (create_micros, transfer_id) < ($2, $3)"
                + " and ($5 = '' or kind = $5) and outcome = any($6) and ($7 = '' or asset = $7)"
                + " order by create_micros desc, transfer_id desc limit $4")
        .execute(
            Tuple.of(account, before.createMicros(), before.transferId(), limit)
                .addValue(filter.kind().map(Kind::name).orElse(""))
                .addValue(filter.outcomes().stream().map(Outcome::name).toArray(String[]::new))
                .addValue(filter.asset()))
        .map(PgTransfers::transfers);
  }

  @Override
  public Future<Long> recordedTo(int partition) {
    return db.preparedQuery("select position from assets.recorded_to where partition = $1")
        .execute(Tuple.of(partition))
        .map(rows -> rows.size() == 0 ? -1L : rows.iterator().next().getLong("position"));
  }

  /** Records requests; what is known already stays as it is. */
  public void insertRequested(List<Transfer> requested, StepWrites step) {
    if (!requested.isEmpty()) {
      step.write(INSERT + " on conflict (transfer_id) do nothing", columns(requested));
    }
  }

  /**
   * Records decisions, over a row or before it. Each transfer is decided once, and a withdrawal
   * that is held once more; none of them is here twice.
   */
  public void upsertDecided(List<Transfer> decided, StepWrites step) {
    if (!decided.isEmpty()) {
      step.write(
          INSERT
              + " on conflict (transfer_id) do update set outcome = excluded.outcome,"
              + " stage_micros = excluded.stage_micros, note = excluded.note",
          columns(decided));
    }
  }

  /** Remembers how far the log of requests is recorded. */
  public void recordedTo(int partition, long position, StepWrites step) {
    step.write(
        "insert into assets.recorded_to (partition, position) values ($1, $2)"
            + " on conflict (partition) do update set position = excluded.position",
        Tuple.of(partition, position));
  }

  private static Tuple columns(List<Transfer> all) {
    return Tuple.tuple()
        .addValue(texts(all, Transfer::transferId))
        .addValue(texts(all, transfer -> kind(transfer.request())))
        .addValue(texts(all, Transfer::account))
        .addValue(texts(all, transfer -> transfer.request().requestId()))
        .addValue(texts(all, transfer -> transfer.request().asset()))
        .addValue(all.stream().map(t -> t.request().amountUnits()).toArray(Long[]::new))
        .addValue(all.stream().map(Transfer::createMicros).toArray(Long[]::new))
        .addValue(texts(all, transfer -> transfer.outcome().name()))
        .addValue(texts(all, transfer -> transfer.request().externalId()))
        .addValue(all.stream().map(Transfer::stageMicros).toArray(Long[]::new))
        .addValue(texts(all, Transfer::note));
  }

  private static String[] texts(List<Transfer> all, Function<Transfer, String> column) {
    return all.stream().map(column).toArray(String[]::new);
  }

  private static String kind(TransferRequest request) {
    return switch (request) {
      case TransferRequest.Deposit deposit -> Kind.DEPOSIT.name();
      case TransferRequest.Withdrawal withdrawal -> Kind.WITHDRAWAL.name();
    };
  }

  private static List<Transfer> transfers(RowSet<Row> rows) {
    return StreamSupport.stream(rows.spliterator(), false).map(PgTransfers::transfer).toList();
  }

  private static Transfer transfer(Row row) {
    return new Transfer(
        row.getString("transfer_id"),
        request(row),
        row.getLong("create_micros"),
        Outcome.valueOf(row.getString("outcome")),
        row.getLong("stage_micros"),
        row.getString("note"));
  }

  private static TransferRequest request(Row row) {
    String account = row.getString("account");
    String asset = row.getString("asset");
    long amountUnits = row.getLong("amount_units");
    String requestId = row.getString("request_id");
    return switch (Kind.valueOf(row.getString("kind"))) {
      case DEPOSIT ->
          new TransferRequest.Deposit(
              account, asset, amountUnits, requestId, row.getString("external_id"));
      case WITHDRAWAL -> new TransferRequest.Withdrawal(account, asset, amountUnits, requestId);
    };
  }
}
