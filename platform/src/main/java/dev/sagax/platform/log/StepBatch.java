package dev.sagax.platform.log;

import com.google.protobuf.MessageLite;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what a handler writes and emits for one batch. */
final class StepBatch implements StepWrites {
  private final String service;
  private final List<Topic> outputs;
  private final Map<Topic, Long> lastSeq;
  private final SqlClient db;
  private final List<OutboxRecord> outbox = new ArrayList<>();
  private final List<Statement> statements = new ArrayList<>();
  private int left;

  record Statement(String sql, Tuple parameters) {}

  /**
   * @param lastSeq the last numbers committed; the batch counts on in a copy
   */
  StepBatch(SagaDefinition saga, Map<Topic, Long> lastSeq, SqlClient db) {
    this.service = saga.service();
    this.outputs = saga.outputs();
    this.lastSeq = new EnumMap<>(Topic.class);
    this.lastSeq.putAll(lastSeq);
    this.db = db;
  }

  @Override
  public long emit(Topic topic, String key, MessageLite message) {
    return emit(topic, key.getBytes(StandardCharsets.UTF_8), message.toByteArray(), Map.of());
  }

  @Override
  public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
    Map<String, byte[]> headers = new LinkedHashMap<>();
    record.headers().forEach((name, value) -> headers.put("original." + name, value));
    put(headers, "source.topic", record.topic().topicName);
    put(headers, "source.partition", Integer.toString(record.partition()));
    put(headers, "source.offset", Long.toString(record.offset()));
    put(headers, "subject", subject);
    put(headers, "error", error);
    put(headers, "attempts", "1");
    put(headers, "service", service);
    emit(dlq, record.key(), record.value(), headers);
  }

  private static void put(Map<String, byte[]> headers, String name, String value) {
    headers.put(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private long emit(Topic topic, byte[] key, byte[] value, Map<String, byte[]> headers) {
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
