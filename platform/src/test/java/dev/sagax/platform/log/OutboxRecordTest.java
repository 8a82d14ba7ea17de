package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboxRecordTest {
  @Test
  void headersComeBackByteForByte() {
    Map<String, byte[]> headers = new LinkedHashMap<>();
    headers.put("a", new byte[] {0, -1, 127});
    headers.put("empty", new byte[0]);
    headers.put("null", null);
    headers.put("näme", "value".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    Map<String, byte[]> back = OutboxRecord.decode(OutboxRecord.encode(headers));

    assertThat(back.keySet()).containsExactlyElementsOf(headers.keySet());
    headers.forEach((name, value) -> assertThat(back.get(name)).isEqualTo(value));
  }

  @Test
  void noHeadersAreNoBytes() {
    assertThat(OutboxRecord.encode(Map.of())).isNull();
    assertThat(OutboxRecord.decode((Buffer) null)).isEmpty();
  }

  @Test
  void aRecordCarriesItsNumber() {
    var record = new OutboxRecord(Topic.MATCH_REQUESTED, 42, null, new byte[] {1}, Map.of());

    assertThat(RecordSeq.of(record.toProducerRecord(3).headers())).isEqualTo(42);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "x", "1x", "1234567890123456789", " 1"})
  void whatIsNoNumberIsNeverAccepted(String header) {
    var headers = new RecordHeaders();
    headers.add(RecordSeq.HEADER, header.getBytes(java.nio.charset.StandardCharsets.US_ASCII));

    assertThat(RecordSeq.of(headers)).isZero();
  }

  @Test
  void aRecordWithoutNumberIsNeverAccepted() {
    assertThat(RecordSeq.of(new RecordHeaders())).isZero();
  }
}
