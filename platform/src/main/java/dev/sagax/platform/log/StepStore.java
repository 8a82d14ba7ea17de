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
   * The fence with all that moves with it: positions, numbers, and the outbox of this batch in the
   * place of the former one, which was acknowledged as a whole before this batch began. Fails the
   * transaction with a division by zero when another instance moved the version.
   */
  private static final String MOVE =
      """
      with moved as (
        update %1$s.step set version = version + 1, outbox = $4::bytea
        where service = $1 and partition = $2 and version = $3 returning 1),
      inputs as (
        insert into %1$s.step_input(service, partition, topic, position, next_offset)
        select $1, $2, * from unnest($5::text[], $6::bigint[], $7::bigint[])
        on conflict (service, partition, topic)
        do update set position = excluded.position, next_offset = excluded.next_offset),
      outputs as (
        insert into %1$s.step_output(service, partition, topic, last_seq)
        select $1, $2, * from unnest($8::text[], $9::bigint[])
        on conflict (service, partition, topic) do update set last_seq = excluded.last_seq)
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

  Future<Snapshot> load(SqlClient db) {
    Tuple me = Tuple.of(service, partition);
    var step =
        db.preparedQuery(
                sql("select version, outbox from %s.step where service = $1 and partition = $2"))
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
    return Future.all(step, inputs, seqs)
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
          Row row = step.result().iterator().next();
          return new Snapshot(
              row.getLong("version"),
              positions,
              lastSeq,
              OutboxRecord.decodeAll(row.getBuffer("outbox")));
        });
  }

  private static Topic topic(Row row) {
    return Topic.ofName(row.getString("topic")).orElseThrow();
  }

  /**
   * Commits a batch in two round trips: the statements are pipelined, the commit follows only when
   * all of them succeeded. It must not be pipelined too: a statement that the client refuses to
   * encode never reaches the server, which then commits without it.
   *
   * @param beforeCommit called between the two; what it throws fails the transaction
   */
  Future<Void> commit(
      SqlConnection db,
      long version,
      Map<Topic, InputPosition> inputs,
      Map<Topic, Long> lastSeq,
      StepBatch batch,
      Runnable beforeCommit) {
    List<Future<?>> done = new ArrayList<>();
    done.add(db.query("begin").execute());
    done.add(db.preparedQuery(sql(MOVE)).execute(move(version, inputs, lastSeq, batch.outbox())));
    batch.statements().forEach(s -> done.add(db.preparedQuery(s.sql()).execute(s.parameters())));
    return Future.join(done)
        .compose(v -> {
          beforeCommit.run();
          return db.query("commit").execute();
        })
        .mapEmpty();
  }

  private Tuple move(
      long version,
      Map<Topic, InputPosition> inputs,
      Map<Topic, Long> lastSeq,
      List<OutboxRecord> outbox) {
    List<InputPosition> positions = List.copyOf(inputs.values());
    return Tuple.of(service, partition, version)
        .addValue(OutboxRecord.encodeAll(outbox))
        .addValue(names(inputs))
        .addValue(positions.stream().map(InputPosition::position).toArray(Long[]::new))
        .addValue(positions.stream().map(InputPosition::nextOffset).toArray(Long[]::new))
        .addValue(names(lastSeq))
        .addValue(lastSeq.values().toArray(Long[]::new));
  }

  private static String[] names(Map<Topic, ?> byTopic) {
    return byTopic.keySet().stream().map(t -> t.topicName).toArray(String[]::new);
  }

  private String sql(String text) {
    return text.formatted(schema);
  }
}
