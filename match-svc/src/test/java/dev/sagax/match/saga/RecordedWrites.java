package dev.sagax.match.saga;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.BookUpdated;
import dev.sagax.proto.event.v1.OrderCancelRequested;
import dev.sagax.proto.event.v1.SettleRequested;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** What a batch would leave behind. */
final class RecordedWrites implements StepWrites {
  final List<SettleRequested> settled = new ArrayList<>();
  final List<OrderCancelRequested> cancelled = new ArrayList<>();
  final List<BookUpdated> books = new ArrayList<>();
  final List<String> keys = new ArrayList<>();
  final List<String> statements = new ArrayList<>();
  int left;

  @Override
  public long emit(Topic topic, String key, MessageLite message) {
    keys.add(key);
    if (topic == Topic.ORDER_CANCEL_REQUESTED) {
      cancelled.add((OrderCancelRequested) message);
      return cancelled.size();
    }
    if (topic == Topic.BOOK_UPDATED) {
      books.add((BookUpdated) message);
      return books.size();
    }
    if (topic != Topic.SETTLE_REQUESTED) {
      throw new IllegalArgumentException("Nothing is expected on " + topic);
    }
    settled.add((SettleRequested) message);
    return settled.size();
  }

  @Override
  public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
    throw new UnsupportedOperationException("No dead letter is expected: " + error);
  }

  @Override
  public void write(String sql, Tuple parameters) {
    statements.add(sql.strip().replaceAll("\\s.*", "") + " " + parameters.size());
  }

  @Override
  public void leave(int records) {
    left = records;
  }

  @Override
  public SqlClient db() {
    throw new UnsupportedOperationException("Matching reads nothing while it decides");
  }
}
