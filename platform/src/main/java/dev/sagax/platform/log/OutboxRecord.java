package dev.sagax.platform.log;

import io.vertx.core.buffer.Buffer;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A numbered record that is committed and waits to be published and acknowledged. */
record OutboxRecord(Topic topic, long seq, byte[] key, byte[] value, List<LogHeader> headers) {
  private static final int TYPICAL_BYTES = 400;

  ProducerRecord<byte[], byte[]> toProducerRecord(int partition) {
    var record = new ProducerRecord<>(topic.topicName, partition, key, value);
    headers.forEach(header -> record.headers().add(header.name(), header.value()));
    record.headers().add(RecordSeq.HEADER, RecordSeq.encode(seq));
    return record;
  }

  /** Records one after the other: topic, seq, key, value, headers. No record is no bytes: null. */
  static Buffer encodeAll(List<OutboxRecord> records) {
    if (records.isEmpty()) {
      return null;
    }
    Buffer out = Buffer.buffer(records.size() * TYPICAL_BYTES);
    records.forEach(record -> record.encode(out));
    return out;
  }

  private void encode(Buffer out) {
    LengthPrefixed.append(out, topic.topicName);
    out.appendLong(seq);
    LengthPrefixed.append(out, key);
    LengthPrefixed.append(out, value);
    LengthPrefixed.append(out, headers);
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
    return new OutboxRecord(
        Topic.ofName(LengthPrefixed.text(in)).orElseThrow(),
        in.getLong(),
        LengthPrefixed.bytes(in),
        LengthPrefixed.bytes(in),
        LengthPrefixed.headers(in));
  }
}
