package dev.sagax.platform.dlq;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.sagax.platform.log.DeadLetter;
import dev.sagax.platform.log.LogHeader;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.dlq.v1.DeadLetterDecision;
import dev.sagax.proto.dlq.v1.DeadLetterState;
import dev.sagax.proto.dlq.v1.GetDeadLetterResponse;
import dev.sagax.proto.dlq.v1.ListDeadLettersResponse;
import dev.sagax.proto.dlq.v1.RecordHeader;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;

/** Dead letters in the words of the contract. */
final class DeadLetterMapper {
  private DeadLetterMapper() {}

  /** Null for any state. */
  static DeadLetter.State state(DeadLetterState asked) {
    return switch (asked) {
      case DEAD_LETTER_STATE_UNSPECIFIED -> null;
      case DEAD_LETTER_STATE_OPEN -> DeadLetter.State.OPEN;
      case DEAD_LETTER_STATE_REPLAYING -> DeadLetter.State.REPLAYING;
      case DEAD_LETTER_STATE_REPLAYED -> DeadLetter.State.REPLAYED;
      case DEAD_LETTER_STATE_DISCARDED -> DeadLetter.State.DISCARDED;
      case UNRECOGNIZED ->
          throw Refusal.ofField(Reason.INVALID_ENUM, "state", "There is no such state.")
              .asException();
    };
  }

  private static DeadLetterState state(DeadLetter.State state) {
    return switch (state) {
      case OPEN -> DeadLetterState.DEAD_LETTER_STATE_OPEN;
      case REPLAYING -> DeadLetterState.DEAD_LETTER_STATE_REPLAYING;
      case REPLAYED -> DeadLetterState.DEAD_LETTER_STATE_REPLAYED;
      case DISCARDED -> DeadLetterState.DEAD_LETTER_STATE_DISCARDED;
    };
  }

  /**
   * @param found one more than a page holds, if there are more
   */
  static ListDeadLettersResponse page(
      List<DeadLetter> found, int size, Function<DeadLetter.Id, String> tokenAfter) {
    var page = ListDeadLettersResponse.newBuilder();
    found.stream().limit(size).forEach(letter -> page.addDeadLetters(letter(letter)));
    if (found.size() > size) {
      page.setNextPageToken(tokenAfter.apply(found.get(size - 1).id()));
    }
    return page.build();
  }

  static GetDeadLetterResponse whole(DeadLetter.Whole whole) {
    var response = GetDeadLetterResponse.newBuilder().setDeadLetter(letter(whole.letter()));
    if (whole.content().key() != null) {
      response.setKey(ByteString.copyFrom(whole.content().key()));
    }
    if (whole.content().value() != null) {
      response.setValue(ByteString.copyFrom(whole.content().value()));
    }
    whole.content().headers().forEach(header -> response.addHeaders(header(header)));
    return response.build();
  }

  private static RecordHeader header(LogHeader header) {
    var shown = RecordHeader.newBuilder().setName(header.name());
    if (header.value() != null) {
      shown.setValue(ByteString.copyFrom(header.value()));
    }
    return shown.build();
  }

  static dev.sagax.proto.dlq.v1.DeadLetter letter(DeadLetter letter) {
    var shown =
        dev.sagax.proto.dlq.v1.DeadLetter.newBuilder()
            .setDeadLetterId(letter.id().toString())
            .setState(state(letter.state()))
            .setSourceTopic(letter.source().topicName)
            .setSourcePartition(letter.id().partition())
            .setSourceOffset(letter.sourceOffset())
            .setSubject(letter.subject())
            .setError(letter.error())
            .setAttempts(letter.attempts())
            .setService(letter.service())
            .setValueBytes(letter.valueBytes())
            .setReplayable(letter.isReplayable());
    if (letter.sourceMillis() >= 0) {
      shown.setRecordTime(timestamp(Instant.ofEpochMilli(letter.sourceMillis())));
    }
    if (letter.decision() != null) {
      shown.setDecision(decision(letter.decision()));
    }
    return shown.build();
  }

  private static DeadLetterDecision decision(DeadLetter.Decision decision) {
    var shown =
        DeadLetterDecision.newBuilder()
            .setOperator(decision.by())
            .setTime(timestamp(Instant.EPOCH.plus(decision.micros(), ChronoUnit.MICROS)))
            .setReason(decision.why());
    if (decision.replayOffset() != null) {
      shown.setReplayOffset(decision.replayOffset());
    }
    return shown.build();
  }

  private static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
