package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The rows that make a step repeatable: its fence, its positions, its numbering and its outbox, in
 * the service's own schema and committed with its data.
 */
final class StepStore {
  /**
   * The fence: fails the transaction with a division by zero when another instance moved the
   * version.
   */
  private static final String MOVE_FENCE =
      """
      with moved as (update %s.step set version = version + 1
        where service = $1 and partition = $2 and version = $3 returning 1)
      select 1 / count(*) from moved\
      """;

  private final String service;
  private final String schema;
  private final int partition;

  StepStore(String service, String schema, int partition) {
    this.service = service;
    this.schema = schema;
    this.partition = partition;
  }

  /** The tables, for the service's migration. */
  static String ddl(String schema) {
    return """
    create schema if not exists %1$s;
    create table if not exists %1$s.step(
      service text not null, partition int not null, version bigint not null,
      primary key (service, partition));
    create table if not exists %1$s.step_input(
      service text not null, partition int not null, topic text not null,
      position bigint not null, next_offset bigint not null,
      primary key (service, partition, topic));
    create table if not exists %1$s.step_output(
      service text not null, partition int not null, topic text not null, last_seq bigint not null,
      primary key (service, partition, topic));
    create table if not exists %1$s.outbox(
      partition int not null, topic text not null, seq bigint not null,
      key bytea, value bytea, headers bytea,
      primary key (partition, topic, seq));
    """
        .formatted(schema);
  }

  /** Where a step stands, as read in one snapshot. */
  record Snapshot(
      long version,
      Map<Topic, InputPosition> inputs,
      Map<Topic, Long> lastSeq,
      List<OutboxRecord> outbox) {}

  /** How far an input is applied. */
  record InputPosition(long position, long nextOffset) {}

  Future<Void> createFence(SqlClient db) {
    return db.preparedQuery(
            "insert into %s.step(service, partition, version) values ($1, $2, 0) on conflict do nothing"
                .formatted(schema))
        .execute(Tuple.of(service, partition))
        .mapEmpty();
  }

  Future<Snapshot> load(SqlClient db, List<Topic> outputs) {
    Tuple me = Tuple.of(service, partition);
    var version =
        db.preparedQuery(sql("select version from %s.step where service = $1 and partition = $2"))
            .execute(me);
    var inputs =
        db.preparedQuery(
                sql(
                    "select topic, position, next_offset from %s.step_input"
                        + " where service = $1 and partition = $2"))
            .execute(me);
    var seqs =
        db.preparedQuery(
                sql(
                    "select topic, last_seq from %s.step_output"
                        + " where service = $1 and partition = $2"))
            .execute(me);
    var outbox =
        db.preparedQuery(
                sql(
                    "select topic, seq, key, value, headers from %s.outbox where partition = $1"
                        + " and topic = any($2) order by topic, seq"))
            .execute(
                Tuple.of(partition)
                    .addValue(outputs.stream().map(t -> t.topicName).toArray(String[]::new)));
    return Future.all(version, inputs, seqs, outbox)
        .map(all -> {
          Map<Topic, InputPosition> positions = new EnumMap<>(Topic.class);
          for (Row row : inputs.result()) {
            positions.put(
                topic(row), new InputPosition(row.getLong("position"), row.getLong("next_offset")));
          }
          Map<Topic, Long> lastSeq = new EnumMap<>(Topic.class);
          for (Row row : seqs.result()) {
            lastSeq.put(topic(row), row.getLong("last_seq"));
          }
          List<OutboxRecord> pending = new ArrayList<>();
          for (Row row : outbox.result()) {
            pending.add(OutboxRecord.ofRow(topic(row), row));
          }
          long mine = version.result().iterator().next().getLong("version");
          return new Snapshot(mine, positions, lastSeq, pending);
        });
  }

  private static Topic topic(Row row) {
    return Topic.ofName(row.getString("topic")).orElseThrow();
  }

  /**
   * Commits a batch in two round trips: the statements are pipelined, the commit follows only when
   * all of them succeeded. It must not be pipelined too: a statement that the client refuses to
   * encode never reaches the server, which then commits without it.
   */
  Future<Void> commit(
      SqlConnection db,
      long version,
      Map<Topic, InputPosition> inputs,
      Map<Topic, Long> lastSeq,
      Map<Topic, Long> acknowledged,
      StepBatch batch) {
    List<Future<?>> done = new ArrayList<>();
    // A client that dies in here must not keep the fence's row locked until TCP notices.
    done.add(db.query("begin; set local idle_in_transaction_session_timeout = '10s'").execute());
    done.add(db.preparedQuery(sql(MOVE_FENCE)).execute(Tuple.of(service, partition, version)));
    done.add(savePositions(db, inputs));
    if (!batch.outbox().isEmpty()) {
      done.add(saveNumbering(db, lastSeq));
    }
    if (!acknowledged.isEmpty()) {
      done.add(deleteAcknowledged(db, acknowledged));
    }
    if (!batch.outbox().isEmpty()) {
      done.add(saveOutbox(db, batch.outbox()));
    }
    batch.statements().forEach(s -> done.add(db.preparedQuery(s.sql()).execute(s.parameters())));
    return Future.join(done).compose(v -> db.query("commit").execute()).mapEmpty();
  }

  private Future<?> savePositions(SqlClient db, Map<Topic, InputPosition> inputs) {
    String[] topics = inputs.keySet().stream().map(t -> t.topicName).toArray(String[]::new);
    Long[] positions = inputs.values().stream().map(InputPosition::position).toArray(Long[]::new);
    Long[] offsets = inputs.values().stream().map(InputPosition::nextOffset).toArray(Long[]::new);
    return db.preparedQuery(
            sql(
                """
                insert into %s.step_input(service, partition, topic, position, next_offset)
                select $1, $2, * from unnest($3::text[], $4::bigint[], $5::bigint[])
                on conflict (service, partition, topic)
                do update set position = excluded.position, next_offset = excluded.next_offset\
                """))
        .execute(
            Tuple.of(service, partition).addValue(topics).addValue(positions).addValue(offsets));
  }

  private Future<?> saveNumbering(SqlClient db, Map<Topic, Long> lastSeq) {
    return db.preparedQuery(
            sql(
                """
                insert into %s.step_output(service, partition, topic, last_seq)
                select $1, $2, * from unnest($3::text[], $4::bigint[])
                on conflict (service, partition, topic) do update set last_seq = excluded.last_seq\
                """))
        .execute(Tuple.of(service, partition).addValue(names(lastSeq)).addValue(numbers(lastSeq)));
  }

  private Future<?> deleteAcknowledged(SqlClient db, Map<Topic, Long> acknowledged) {
    return db.preparedQuery(
            sql(
                """
                delete from %s.outbox o using unnest($2::text[], $3::bigint[]) as a(topic, seq)
                where o.partition = $1 and o.topic = a.topic and o.seq <= a.seq\
                """))
        .execute(Tuple.of(partition).addValue(names(acknowledged)).addValue(numbers(acknowledged)));
  }

  private Future<?> saveOutbox(SqlClient db, List<OutboxRecord> records) {
    int n = records.size();
    String[] topics = new String[n];
    Long[] seqs = new Long[n];
    io.vertx.core.buffer.Buffer[] keys = new io.vertx.core.buffer.Buffer[n];
    io.vertx.core.buffer.Buffer[] values = new io.vertx.core.buffer.Buffer[n];
    io.vertx.core.buffer.Buffer[] headers = new io.vertx.core.buffer.Buffer[n];
    for (int i = 0; i < n; i++) {
      OutboxRecord record = records.get(i);
      topics[i] = record.topic().topicName;
      seqs[i] = record.seq();
      keys[i] = OutboxRecord.buffer(record.key());
      values[i] = OutboxRecord.buffer(record.value());
      headers[i] = OutboxRecord.encode(record.headers());
    }
    return db.preparedQuery(
            sql(
                """
                insert into %s.outbox(partition, topic, seq, key, value, headers)
                select $1, * from unnest($2::text[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[])\
                """))
        .execute(
            Tuple.of(partition)
                .addValue(topics)
                .addValue(seqs)
                .addValue(keys)
                .addValue(values)
                .addValue(headers));
  }

  private static String[] names(Map<Topic, Long> byTopic) {
    return byTopic.keySet().stream().map(t -> t.topicName).toArray(String[]::new);
  }

  private static Long[] numbers(Map<Topic, Long> byTopic) {
    return byTopic.values().toArray(Long[]::new);
  }

  private String sql(String text) {
    return text.formatted(schema);
  }
}
