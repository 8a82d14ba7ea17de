package dev.sagax.local.log;

import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * The smallest step whose output depends on everything before: for every number that comes in it
 * emits the number and the sum so far. Keeps the sum in memory and in a row.
 */
final class RunningSum implements StepHandler {
  static final Topic INPUT = Topic.MATCH_REQUESTED;
  static final Topic OUTPUT = Topic.SETTLE_REQUESTED;
  static final String SCHEMA = "summing";
  static final String DDL =
      "create table if not exists summing.sums(partition int primary key, sum bigint not null)";

  /** A number that no step passes over. */
  static final long POISON = -1;

  /** A number that is put aside. */
  static final long UNWANTED = -2;

  static final Topic DEAD_LETTERS = Topic.MATCH_DLQ;

  /** It leaves what is more than this in a batch for the next one. */
  private static final int MOST = 20;

  private final int partition;
  private final Trouble trouble;
  private long sum;

  RunningSum(int partition, Trouble trouble) {
    this.partition = partition;
    this.trouble = trouble;
  }

  @Override
  public Future<Void> load(SqlClient snapshot) {
    return snapshot
        .preparedQuery("select sum from summing.sums where partition = $1")
        .execute(Tuple.of(partition))
        .map(rows -> {
          rows.forEach(row -> sum = row.getLong("sum"));
          return null;
        });
  }

  @Override
  public Future<Void> handle(List<LogRecord> records, StepWrites step) {
    trouble.beforeDeciding();
    int handled = Math.min(records.size(), MOST);
    if (handled < records.size()) {
      step.leave(records.size() - handled);
    }
    for (LogRecord record : records.subList(0, handled)) {
      long number = number(record);
      if (number == POISON) {
        throw new PartitionStoppedException("Number %d is poison".formatted(number), null);
      }
      if (number == UNWANTED) {
        step.deadLetter(DEAD_LETTERS, record, "no\0 id", "Nobody wants\nthis number.");
        continue;
      }
      sum += number;
      step.emit(OUTPUT, "sum", StringValue.of(line(number, sum)));
    }
    step.write(
        "insert into summing.sums values ($1, $2)"
            + " on conflict (partition) do update set sum = excluded.sum",
        Tuple.of(partition, sum));
    return trouble.afterDeciding(step.db());
  }

  static String line(long number, long sum) {
    return number + " makes " + sum;
  }

  static byte[] encode(long number) {
    return Int64Value.of(number).toByteArray();
  }

  private static long number(LogRecord record) {
    try {
      return Int64Value.parseFrom(record.value()).getValue();
    } catch (InvalidProtocolBufferException e) {
      throw new PartitionStoppedException("Not a number", e);
    }
  }
}
