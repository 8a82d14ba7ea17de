package dev.sagax.platform.log;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.List;

/**
 * What a service does with one partition that it owns. All calls come on the partition's event
 * loop, one at a time. A handler may keep state in memory: after any failure, and on every
 * assignment, it is thrown away and a new one loads.
 *
 * <p>Whatever it decides must be a function of the records, the stored state and recorded verdicts:
 * no clock, no random id. A batch may be handled again, whole or in other cuts, by another process.
 */
public interface StepHandler {

  /** Reads the partition's state inside the snapshot that also gave its positions. */
  Future<Void> load(SqlClient snapshot);

  /**
   * Decides a batch and says what to write and emit. Nothing is written before the returned future
   * succeeds; then all of {@code step} is committed in one transaction with the positions, and
   * published.
   *
   * <p>A failed future, or anything thrown, is waited out: memory is dropped, and after a growing
   * pause a new handler gets the batch again. {@link PartitionStoppedException} says that waiting
   * cannot help (an undecodable record, a broken invariant): the partition stops for a person.
   *
   * @param records accepted records of all input topics of this partition, each topic in order
   */
  Future<Void> handle(List<LogRecord> records, StepWrites step);
}
