package dev.sagax.platform.log;

import io.vertx.core.buffer.Buffer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A numbered record that is committed and waits to be published and acknowledged. */
record OutboxRecord(Topic topic, long seq, byte[] key, byte[] value, Map<String, byte[]> headers) {
  private static final int TYPICAL_BYTES = 400;

  ProducerRecord<byte[], byte[]> toProducerRecord(int partition) {
    var record = new ProducerRecord<>(topic.topicName, partition, key, value);
    headers.forEach((name, value) -> record.headers().add(name, value));
    record.headers().add(RecordSeq.HEADER, RecordSeq.encode(seq));
    return record;
  }

  /**
   * Records one after the other: topic, seq, key, value, number of headers, name and value of each;
   * texts and bytes behind their length, -1 for null. No record is no bytes: null.
   */
  static Buffer encodeAll(List<OutboxRecord> records) {
    if (records.isEmpty()) {
      return null;
    }
    Buffer out = Buffer.buffer(records.size() * TYPICAL_BYTES);
    records.forEach(record -> record.encode(out));
    return out;
  }

  private void encode(Buffer out) {
    append(out, topic.topicName.getBytes(StandardCharsets.UTF_8));
    out.appendLong(seq);
    append(out, key);
    append(out, value);
    out.appendInt(headers.size());
    headers.forEach((name, content) -> {
      append(out, name.getBytes(StandardCharsets.UTF_8));
      append(out, content);
    });
  }

  private static void append(Buffer out, byte[] bytes) {
    out.appendInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) {
      out.appendBytes(bytes);
    }
  }

  /**
   * @throws IllegalStateException if the bytes are not what {@link #encodeAll} wrote
   */
  static List<OutboxRecord> decodeAll(Buffer in) {
    List<OutboxRecord> records = new ArrayList<>();
    if (in != null) {
      ByteBuffer bytes = ByteBuffer.wrap(in.getBytes());
      try {
        while (bytes.hasRemaining()) {
          records.add(decode(bytes));
        }
      } catch (BufferUnderflowException | NoSuchElementException e) {
        throw new IllegalStateException("The outbox holds what no step has written.", e);
      }
    }
    return records;
  }

  private static OutboxRecord decode(ByteBuffer in) {
    Topic topic = Topic.ofName(text(in)).orElseThrow();
    long seq = in.getLong();
    byte[] key = bytes(in);
    byte[] value = bytes(in);
    Map<String, byte[]> headers = new LinkedHashMap<>();
    for (int left = in.getInt(); left > 0; left--) {
      headers.put(text(in), bytes(in));
    }
    return new OutboxRecord(topic, seq, key, value, headers);
  }

  private static String text(ByteBuffer in) {
    byte[] bytes = bytes(in);
    if (bytes == null) {
      throw new NoSuchElementException("null for a name");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0) {
      return null;
    }
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }
}
