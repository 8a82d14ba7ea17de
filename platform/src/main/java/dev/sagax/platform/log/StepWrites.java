package dev.sagax.platform.log;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.tracing.Fact;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Supplier;

/** Everything that one batch of a step leaves behind, committed together or not at all. */
public interface StepWrites {

  /**
   * Emits a record to the output topic of this partition.
   *
   * @param key what the record is about (market or account); not used for partitioning
   * @return its number (seq), fixed for ever if the batch commits
   */
  long emit(Topic topic, String key, MessageLite message);

  /**
   * As {@link #emit(Topic, String, MessageLite)}, for what one record causes: it belongs to the
   * trace of that record, and its header {@code traceparent} says so.
   *
   * @param cause one of the batch
   */
  default long emit(LogRecord cause, Topic topic, String key, MessageLite message) {
    return emit(topic, key, message);
  }

  /**
   * Says what a record is about, for the trace that it belongs to. Costs nothing if there is none.
   *
   * @param record one of the batch
   */
  default void tell(LogRecord record, Fact fact, Supplier<String> value) {}

  /**
   * Says for which records of the batch other services are asked from now on: the calls belong to
   * their traces.
   */
  default void worksFor(List<LogRecord> records) {}

  /**
   * Emits a dead letter: the record's original key, value and headers, with headers that say where
   * it came from and why; and leaves a row of it, for {@link DeadLetters}.
   *
   * @param dlq the dead-letter topic of this step
   * @param subject order or transfer id, "" if not known
   * @param error a whole sentence
   */
  void deadLetter(Topic dlq, LogRecord record, String subject, String error);

  /** Adds a statement to the transaction. Statements run in the order they are added. */
  void write(String sql, Tuple parameters);

  /**
   * Ends the batch before its last records, because it carries enough for one transaction already.
   * They are handed over again, first of the next batch; nothing may be emitted or written of them.
   *
   * @param records how many of the last records were not handled; fewer than all
   */
  void leave(int records);

  /** For reads while deciding: the connection of this step, outside of the transaction. */
  SqlClient db();
}
