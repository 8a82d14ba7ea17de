package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Dead letters as a batch leaves them. */
class StepBatchTest {
  private static final SagaDefinition SAGA =
      new SagaDefinition(
          "order-svc",
          "orders",
          List.of(Topic.ORDER_REQUESTED),
          List.of(Topic.ORDER_DLQ),
          partition -> null);

  private final StepBatch batch =
      new StepBatch(SAGA, 3, Map.of(Topic.ORDER_DLQ, 4L), null, StepTrace.none());

  @Test
  void recordTooLargeForTheTopicStandsInTheRowAlone() {
    byte[] large = new byte[3 * 1024 * 1024 + 1];

    batch.deadLetter(Topic.ORDER_DLQ, record(large, List.of()), "", "Too much.");

    OutboxRecord letter = batch.outbox().getFirst();
    assertThat(letter.value()).isNull();
    assertThat(headers(letter)).containsEntry("source.offset", "70").containsKey("left.out");
    assertThat(batch.statements().getFirst().parameters().getBuffer(11))
        .isEqualTo(Buffer.buffer(large));
  }

  @Test
  void manySmallHeadersCountAsWhatTheyBecome() {
    List<LogHeader> headers = Collections.nCopies(150_000, new LogHeader("", null));

    batch.deadLetter(Topic.ORDER_DLQ, record(new byte[1], headers), "", "Too many.");

    assertThat(headers(batch.outbox().getFirst())).containsKey("left.out");
  }

  @Test
  void whatARecordSaysOfItselfIsCutAndMadeReadable() {
    batch.deadLetter(
        Topic.ORDER_DLQ, record(null, List.of()), "\u0000\u009b1m\u202e", "x".repeat(1_000_000));

    Map<String, String> headers = headers(batch.outbox().getFirst());
    assertThat(headers).containsEntry("subject", "??1m?").containsEntry("time", "");
    assertThat(headers.get("error")).hasSize(500).endsWith("x...");
    assertThat(batch.deadLetters()).containsExactly("??1m?");
    assertThat(batch.outbox().getFirst().seq()).isEqualTo(5);
  }

  @Test
  void deadLetterStaysInTheTraceOfItsRecordAndKeepsTheRecordsOwnHeader() {
    LogHeader traceparent = header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    batch.deadLetter(Topic.ORDER_DLQ, record(null, List.of(traceparent)), "", "Nobody wants it.");

    assertThat(headers(batch.outbox().getFirst()))
        .containsEntry("traceparent", text(traceparent))
        .containsEntry("original.traceparent", text(traceparent));
    Buffer kept = Buffer.buffer();
    LengthPrefixed.append(kept, List.of(traceparent));
    assertThat(batch.statements().getFirst().parameters().getBuffer(12)).isEqualTo(kept);
  }

  @Test
  void whatARecordCausesCarriesItsTraceOnAndNothingElse() {
    LogHeader unsampled = header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    LogHeader garbage = header("00-no-trace-00");
    StringValue message = StringValue.of("a");

    batch.emit(record(null, List.of(garbage, unsampled)), Topic.ORDER_DLQ, "k", message);
    batch.emit(record(null, List.of(unsampled, garbage)), Topic.ORDER_DLQ, "k", message);
    batch.emit(record(null, List.of()), Topic.ORDER_DLQ, "k", message);

    assertThat(batch.outbox().get(0).headers())
        .extracting(h -> h.name() + "=" + text(h))
        .containsExactly("traceparent=" + text(unsampled));
    assertThat(batch.outbox().get(1).headers()).isEmpty();
    assertThat(batch.outbox().get(2).headers()).isEmpty();
  }

  private static LogHeader header(String traceparent) {
    return new LogHeader("traceparent", traceparent.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(LogHeader header) {
    return new String(header.value(), StandardCharsets.US_ASCII);
  }

  private static LogRecord record(byte[] value, List<LogHeader> headers) {
    return new LogRecord(Topic.ORDER_REQUESTED, 3, 70, 70, -1, null, value, headers);
  }

  private static Map<String, String> headers(OutboxRecord letter) {
    return letter.headers().stream()
        .collect(
            Collectors.toMap(LogHeader::name, h -> new String(h.value(), StandardCharsets.UTF_8)));
  }
}
