package dev.sagax.platform.log;

import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A numbered record that is committed and waits to be published and acknowledged. */
record OutboxRecord(Topic topic, long seq, byte[] key, byte[] value, Map<String, byte[]> headers) {

  static OutboxRecord ofRow(Topic topic, Row row) {
    return new OutboxRecord(
        topic,
        row.getLong("seq"),
        bytes(row.getBuffer("key")),
        bytes(row.getBuffer("value")),
        decode(row.getBuffer("headers")));
  }

  ProducerRecord<byte[], byte[]> toProducerRecord(int partition) {
    var record = new ProducerRecord<>(topic.topicName, partition, key, value);
    headers.forEach((name, value) -> record.headers().add(name, value));
    record.headers().add(RecordSeq.HEADER, RecordSeq.encode(seq));
    return record;
  }

  static Buffer buffer(byte[] bytes) {
    return bytes == null ? null : Buffer.buffer(bytes);
  }

  private static byte[] bytes(Buffer buffer) {
    return buffer == null ? null : buffer.getBytes();
  }

  /** Headers as length-prefixed name and value, one after the other; null for none. */
  static Buffer encode(Map<String, byte[]> headers) {
    if (headers.isEmpty()) {
      return null;
    }
    Buffer out = Buffer.buffer();
    headers.forEach((name, value) -> {
      append(out, name.getBytes(StandardCharsets.UTF_8));
      append(out, value);
    });
    return out;
  }

  private static void append(Buffer out, byte[] bytes) {
    out.appendInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) {
      out.appendBytes(bytes);
    }
  }

  static Map<String, byte[]> decode(Buffer in) {
    Map<String, byte[]> headers = new LinkedHashMap<>();
    int at = 0;
    while (in != null && at < in.length()) {
      int nameLength = in.getInt(at);
      String name = in.getString(at + Integer.BYTES, at + Integer.BYTES + nameLength);
      at += Integer.BYTES + nameLength;
      int length = in.getInt(at);
      at += Integer.BYTES;
      headers.put(name, length < 0 ? null : in.getBytes(at, at + length));
      at += Math.max(length, 0);
    }
    return headers;
  }
}
