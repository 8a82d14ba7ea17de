package dev.sagax.settle.saga;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** What a step would leave behind, committed only if the test says so. */
final class RecordedStep implements StepWrites {
  private final Pool pool;
  private final List<Statement> statements = new ArrayList<>();
  final List<Emitted> emitted = new ArrayList<>();
  final List<String> deadLetters = new ArrayList<>();

  record Emitted(Topic topic, String key, MessageLite message) {}

  private record Statement(String sql, Tuple parameters) {}

  RecordedStep(Pool pool) {
    this.pool = pool;
  }

  @Override
  public long emit(Topic topic, String key, MessageLite message) {
    emitted.add(new Emitted(topic, key, message));
    return emitted.size();
  }

  @Override
  public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
    deadLetters.add(dlq + " " + record.position() + ": " + error);
  }

  @Override
  public void write(String sql, Tuple parameters) {
    statements.add(new Statement(sql, parameters));
  }

  @Override
  public void leave(int records) {
    throw new UnsupportedOperationException("The settle step handles all of a batch");
  }

  @Override
  public SqlClient db() {
    return pool;
  }

  /** Commits with the positions, as the platform's step does. */
  Future<Void> commit(List<LogRecord> records) {
    for (LogRecord record : records) {
      write(
          """
          insert into ledger.step_input values ('settle-svc', $1, $2, $3, $4)
          on conflict (service, partition, topic) do update set position = excluded.position\
          """,
          Tuple.of(
              record.partition(), record.topic().topicName, record.position(), record.offset()));
    }
    return pool.withTransaction(connection -> {
      Future<Void> done = Future.succeededFuture();
      for (Statement statement : statements) {
        done =
            done.compose(v ->
                connection.preparedQuery(statement.sql).execute(statement.parameters).mapEmpty());
      }
      return done;
    });
  }
}
