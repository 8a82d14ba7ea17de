package dev.sagax.platform.log;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The table of a service's dead letters. A step writes a row in the transaction that numbers the
 * dead letter; after that only the state and the decision change.
 */
final class DeadLetterRows {
  static final String LETTER =
      "topic, partition, seq, source_topic, source_offset, source_millis, subject, error, attempts,"
          + " service, coalesce(octet_length(value), 0) as value_bytes,"
          + " state, decided_by, decided_micros, reason, replay_offset";
  static final String WHOLE = LETTER + ", key, value, headers";

  private DeadLetterRows() {}

  static String insert(String schema) {
    return """
    insert into %s.dead_letter(
      topic, partition, seq, source_topic, source_offset, source_millis, subject, error, attempts,
      service, key, value, headers, state)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'OPEN')\
    """
        .formatted(schema);
  }

  /**
   * @param subject and {@code error}: without characters that PostgreSQL's texts do not have
   */
  static Tuple row(
      DeadLetter.Id id,
      LogRecord record,
      String subject,
      String error,
      int attempts,
      String service) {
    Buffer headers = Buffer.buffer();
    LengthPrefixed.append(headers, record.headers());
    return Tuple.of(id.topic().topicName, id.partition(), id.seq())
        .addString(record.topic().topicName)
        .addLong(record.offset())
        .addLong(record.timeMillis())
        .addString(subject)
        .addString(error)
        .addInteger(attempts)
        .addString(service)
        .addBuffer(buffer(record.key()))
        .addBuffer(buffer(record.value()))
        .addBuffer(headers);
  }

  private static Buffer buffer(byte[] bytes) {
    return bytes == null ? null : Buffer.buffer(bytes);
  }

  static DeadLetter letter(Row row) {
    return new DeadLetter(
        new DeadLetter.Id(topic(row, "topic"), row.getInteger("partition"), row.getLong("seq")),
        topic(row, "source_topic"),
        row.getLong("source_offset"),
        row.getLong("source_millis"),
        row.getString("subject"),
        row.getString("error"),
        row.getInteger("attempts"),
        row.getString("service"),
        row.getLong("value_bytes"),
        DeadLetter.State.valueOf(row.getString("state")),
        decision(row));
  }

  private static DeadLetter.Decision decision(Row row) {
    return row.getString("decided_by") == null
        ? null
        : new DeadLetter.Decision(
            row.getString("decided_by"),
            row.getLong("decided_micros"),
            row.getString("reason"),
            row.getLong("replay_offset"));
  }

  static DeadLetter.Whole whole(Row row) {
    List<LogHeader> headers =
        LengthPrefixed.headers(ByteBuffer.wrap(row.getBuffer("headers").getBytes()));
    return new DeadLetter.Whole(
        letter(row), new DeadLetter.Content(bytes(row, "key"), bytes(row, "value"), headers));
  }

  private static byte[] bytes(Row row, String column) {
    Buffer buffer = row.getBuffer(column);
    return buffer == null ? null : buffer.getBytes();
  }

  private static Topic topic(Row row, String column) {
    return Topic.ofName(row.getString(column)).orElseThrow();
  }
}
