package dev.sagax.platform.dlq;

import dev.sagax.platform.log.DeadLetter;
import dev.sagax.platform.log.DeadLetters;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.OperatorReason;
import dev.sagax.platform.rpc.PageSize;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpcService;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterRequest;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterResponse;
import dev.sagax.proto.dlq.v1.GetDeadLetterRequest;
import dev.sagax.proto.dlq.v1.GetDeadLetterResponse;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.ListDeadLettersResponse;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterRequest;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterResponse;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** {@code sagax.dlq.v1.DeadLetterService} for the dead-letter topics of one service. */
public final class DeadLetterApi {
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_PAGE = 500;

  private final DeadLetters letters;
  private final InstantSource clock;

  public DeadLetterApi(DeadLetters letters, InstantSource clock) {
    this.letters = letters;
    this.clock = clock;
  }

  public void register(GrpcEdge edge) {
    edge.unary(DeadLetterServiceGrpcService.ListDeadLetters, this::list)
        .unary(DeadLetterServiceGrpcService.GetDeadLetter, this::get)
        .unary(DeadLetterServiceGrpcService.ReplayDeadLetter, this::replay)
        .unary(DeadLetterServiceGrpcService.DiscardDeadLetter, this::discard);
  }

  private Future<ListDeadLettersResponse> list(Call call, ListDeadLettersRequest request) {
    int size = PageSize.of(request.getPageSize(), DEFAULT_PAGE, MAX_PAGE);
    Topic topic = request.getTopic().isEmpty() ? null : servedTopic(request.getTopic());
    DeadLetter.State state = DeadLetterMapper.state(request.getState());
    List<String> list =
        List.of("ListDeadLetters", call.account(), request.getTopic(), String.valueOf(state));
    DeadLetter.Id after =
        PageToken.read(list, request.getPageToken(), DeadLetterApi::place).orElse(null);
    return letters
        .list(topic, state, after, size + 1)
        .map(found -> DeadLetterMapper.page(found, size, id -> PageToken.of(list, id.toString())));
  }

  private Topic servedTopic(String name) {
    return Topic.ofName(name)
        .filter(letters.topics()::contains)
        .orElseThrow(() ->
            Refusal.ofField(
                    Reason.UNKNOWN_TOPIC,
                    "topic",
                    "This service writes the dead-letter topics %s, but not \"%s\"."
                        .formatted(letters.topics(), name))
                .asException());
  }

  private static DeadLetter.Id place(String text) {
    return DeadLetter.Id.parse(text)
        .orElseThrow(() -> new IllegalArgumentException("No dead letter has the id " + text));
  }

  private Future<GetDeadLetterResponse> get(Call call, GetDeadLetterRequest request) {
    return letters.find(id(request.getDeadLetterId())).map(DeadLetterMapper::whole);
  }

  private Future<ReplayDeadLetterResponse> replay(Call call, ReplayDeadLetterRequest request) {
    return letters
        .replay(id(request.getDeadLetterId()), decision(call, request.getReason()))
        .map(letter ->
            ReplayDeadLetterResponse.newBuilder()
                .setDeadLetter(DeadLetterMapper.letter(letter))
                .build());
  }

  private Future<DiscardDeadLetterResponse> discard(Call call, DiscardDeadLetterRequest request) {
    DeadLetter.Id id = id(request.getDeadLetterId());
    if (request.getReason().isBlank()) {
      throw Refusal.ofField(
              Reason.FIELD_REQUIRED, "reason", "Say why the dead letter is thrown away.")
          .asException();
    }
    return letters
        .discard(id, decision(call, request.getReason()))
        .map(letter ->
            DiscardDeadLetterResponse.newBuilder()
                .setDeadLetter(DeadLetterMapper.letter(letter))
                .build());
  }

  private static DeadLetter.Id id(String text) {
    if (text.isEmpty()) {
      throw Refusal.ofField(Reason.FIELD_REQUIRED, "dead_letter_id", "Expected a dead letter's id.")
          .asException();
    }
    return DeadLetter.Id.parse(text)
        .orElseThrow(() ->
            Refusal.ofField(
                    Reason.INVALID_ID,
                    "dead_letter_id",
                    "Expected TOPIC/PARTITION/NUMBER, like order.dlq/0/5.")
                .asException());
  }

  private DeadLetter.Decision decision(Call call, String reason) {
    String sound = OperatorReason.of("reason", reason);
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    return new DeadLetter.Decision(call.account(), micros, sound, null);
  }
}
