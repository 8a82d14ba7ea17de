package dev.sagax.platform.log;

import com.google.protobuf.MessageLite;
import dev.sagax.platform.tracing.Fact;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Collects what a handler writes and emits for one batch. */
final class StepBatch implements StepWrites {
  /** Only what can never succeed is put aside, and that shows at the first attempt. */
  private static final int ATTEMPTS = 1;

  /** What a record says of itself may be anything; a person reads it in a header and a table. */
  private static final int MAX_TEXT = 500;

  /**
   * A dead letter is larger than its record, and the topic takes 4 MiB. What is too large for it
   * stands in the row alone.
   */
  private static final long MAX_LETTER_BYTES = 3 * 1024 * 1024;

  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}]");

  private final String service;
  private final String schema;
  private final int partition;
  private final List<Topic> outputs;
  private final Map<Topic, Long> lastSeq;
  private final SqlClient db;
  private final StepTrace trace;
  private final List<OutboxRecord> outbox = new ArrayList<>();
  private final List<Statement> statements = new ArrayList<>();
  private int left;
  private final List<String> deadLetters = new ArrayList<>();

  record Statement(String sql, Tuple parameters) {}

  /**
   * @param lastSeq the last numbers committed; the batch counts on in a copy
   */
  StepBatch(
      SagaDefinition saga, int partition, Map<Topic, Long> lastSeq, SqlClient db, StepTrace trace) {
    this.trace = trace;
    this.service = saga.service();
    this.schema = saga.schema();
    this.partition = partition;
    this.outputs = saga.outputs();
    this.lastSeq = new EnumMap<>(Topic.class);
    this.lastSeq.putAll(lastSeq);
    this.db = db;
  }

  @Override
  public long emit(Topic topic, String key, MessageLite message) {
    return emit(topic, key.getBytes(StandardCharsets.UTF_8), message.toByteArray(), List.of());
  }

  @Override
  public long emit(LogRecord cause, Topic topic, String key, MessageLite message) {
    return emit(
        cause,
        topic,
        key.getBytes(StandardCharsets.UTF_8),
        message.toByteArray(),
        new ArrayList<>(1));
  }

  /**
   * @param headers gets the trace of the cause, if it belongs to one
   */
  private long emit(
      LogRecord cause, Topic topic, byte[] key, byte[] value, List<LogHeader> headers) {
    LogHeader traceparent = trace.header(cause);
    if (traceparent != null) {
      headers.add(traceparent);
    }
    long seq = emit(topic, key, value, headers);
    trace.emitted(cause, topic, partition, seq);
    return seq;
  }

  @Override
  public void tell(LogRecord record, Fact fact, Supplier<String> value) {
    trace.tell(record, fact, value);
  }

  @Override
  public void worksFor(List<LogRecord> records) {
    trace.worksFor(records);
  }

  @Override
  public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
    String about = readable(subject);
    String why = readable(error);
    long seq = emitLetter(dlq, record, headers(record, about, why));
    write(
        DeadLetterRows.insert(schema),
        DeadLetterRows.row(
            new DeadLetter.Id(dlq, partition, seq), record, about, why, ATTEMPTS, service));
    deadLetters.add(about);
  }

  private long emitLetter(Topic dlq, LogRecord record, List<LogHeader> ours) {
    List<LogHeader> headers = new ArrayList<>();
    for (LogHeader original : record.headers()) {
      headers.add(new LogHeader("original." + original.name(), original.value()));
    }
    headers.addAll(ours);
    long bytes = size(record.key()) + size(record.value()) + size(headers);
    if (bytes <= MAX_LETTER_BYTES) {
      return emit(record, dlq, record.key(), record.value(), headers);
    }
    put(ours, "left.out", Long.toString(bytes));
    return emit(record, dlq, null, null, ours);
  }

  private static long size(List<LogHeader> headers) {
    return headers.stream().mapToLong(h -> 3L * h.name().length() + size(h.value())).sum();
  }

  private static long size(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private List<LogHeader> headers(LogRecord record, String subject, String error) {
    List<LogHeader> headers = new ArrayList<>();
    put(headers, "source.topic", record.topic().topicName);
    put(headers, "source.partition", Integer.toString(record.partition()));
    put(headers, "source.offset", Long.toString(record.offset()));
    put(headers, "subject", subject);
    put(headers, "error", error);
    put(headers, "attempts", Integer.toString(ATTEMPTS));
    put(headers, "service", service);
    put(headers, "time", timeOf(record));
    return headers;
  }

  private static void put(List<LogHeader> headers, String name, String value) {
    headers.add(new LogHeader(name, value.getBytes(StandardCharsets.UTF_8)));
  }

  private static String timeOf(LogRecord record) {
    return record.timeMillis() < 0 ? "" : Instant.ofEpochMilli(record.timeMillis()).toString();
  }

  private static String readable(String text) {
    String cut = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 3) + "...";
    return UNPRINTABLE.matcher(cut).replaceAll("?");
  }

  private long emit(Topic topic, byte[] key, byte[] value, List<LogHeader> headers) {
    if (!outputs.contains(topic)) {
      throw new IllegalArgumentException(topic + " is not an output of " + service);
    }
    long seq = lastSeq.merge(topic, 1L, Long::sum);
    outbox.add(new OutboxRecord(topic, seq, key, value, headers));
    return seq;
  }

  @Override
  public void write(String sql, Tuple parameters) {
    statements.add(new Statement(sql, parameters));
  }

  @Override
  public void leave(int records) {
    left = records;
  }

  @Override
  public SqlClient db() {
    return db;
  }

  StepTrace trace() {
    return trace;
  }

  /** What the records of the batch are about that are put aside: orders, transfers, or "". */
  List<String> deadLetters() {
    return deadLetters;
  }

  int left() {
    return left;
  }

  List<OutboxRecord> outbox() {
    return outbox;
  }

  Map<Topic, Long> lastSeq() {
    return lastSeq;
  }

  List<Statement> statements() {
    return statements;
  }
}
