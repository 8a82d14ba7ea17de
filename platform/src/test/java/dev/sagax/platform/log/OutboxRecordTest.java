package dev.sagax.platform.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboxRecordTest {
  @Test
  void recordsComeBackByteForByte() {
    List<LogHeader> headers =
        List.of(
            new LogHeader("a", new byte[] {0, -1, 127}),
            new LogHeader("empty", new byte[0]),
            new LogHeader("null", null),
            new LogHeader("a", new byte[] {1}),
            new LogHeader("näme", "value".getBytes(UTF_8)));
    var records =
        List.of(
            new OutboxRecord(Topic.ORDER_UPDATED, 7, "k".getBytes(UTF_8), new byte[300], List.of()),
            new OutboxRecord(Topic.ORDER_DLQ, Long.MAX_VALUE, null, null, headers),
            new OutboxRecord(Topic.MATCH_REQUESTED, 1, new byte[0], new byte[] {1}, List.of()));

    var back = OutboxRecord.decodeAll(OutboxRecord.encodeAll(records));

    assertThat(back).usingRecursiveComparison().isEqualTo(records);
  }

  @Test
  void noRecordsAreNoBytes() {
    assertThat(OutboxRecord.encodeAll(List.of())).isNull();
    assertThat(OutboxRecord.decodeAll(null)).isEmpty();
  }

  @Test
  void aBrokenOutboxIsRefusedWhole() {
    var record = new OutboxRecord(Topic.ORDER_UPDATED, 7, null, new byte[9], List.of());
    Buffer good = OutboxRecord.encodeAll(List.of(record));
    for (int cut = 1; cut < good.length(); cut++) {
      Buffer torn = good.getBuffer(0, cut);
      assertThatThrownBy(() -> OutboxRecord.decodeAll(torn))
          .isInstanceOf(IllegalStateException.class);
    }
    Buffer wrong = good.copy().setByte(4, (byte) 'x');
    assertThatThrownBy(() -> OutboxRecord.decodeAll(wrong))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aRecordCarriesItsNumber() {
    var record = new OutboxRecord(Topic.MATCH_REQUESTED, 42, null, new byte[] {1}, List.of());

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
