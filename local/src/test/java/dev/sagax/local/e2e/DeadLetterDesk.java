package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc.DeadLetterServiceBlockingStub;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterRequest;
import dev.sagax.proto.dlq.v1.GetDeadLetterRequest;
import dev.sagax.proto.dlq.v1.GetDeadLetterResponse;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.ListDeadLettersResponse;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterRequest;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One operator and the dead letters of one service. */
record DeadLetterDesk(TestExchange exchange, Channel service, String operator) {
  private static final long DEADLINE_SECONDS = 20;

  DeadLetterServiceBlockingStub stub() {
    return DeadLetterServiceGrpc.newBlockingStub(service)
        .withInterceptors(TestExchange.bearer(exchange.token(operator, Scope.OPERATOR)))
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** All of a topic, read in pages. */
  List<DeadLetter> list(ListDeadLettersRequest request) {
    List<DeadLetter> all = new ArrayList<>();
    String token = "";
    do {
      ListDeadLettersResponse page =
          stub().listDeadLetters(request.toBuilder().setPageToken(token).build());
      all.addAll(page.getDeadLettersList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  /** The dead letter of the record at this place of the service's source; waits for it. */
  DeadLetter of(int partition, long offset) {
    List<DeadLetter> found = new ArrayList<>();
    Eventually.passes(() -> {
      found.clear();
      list(ListDeadLettersRequest.getDefaultInstance()).stream()
          .filter(letter ->
              letter.getSourcePartition() == partition && letter.getSourceOffset() == offset)
          .forEach(found::add);
      assertThat(found).hasSize(1);
    });
    return found.getFirst();
  }

  GetDeadLetterResponse get(DeadLetter letter) {
    return stub()
        .getDeadLetter(
            GetDeadLetterRequest.newBuilder().setDeadLetterId(letter.getDeadLetterId()).build());
  }

  DeadLetter replay(DeadLetter letter) {
    return stub()
        .replayDeadLetter(
            ReplayDeadLetterRequest.newBuilder().setDeadLetterId(letter.getDeadLetterId()).build())
        .getDeadLetter();
  }

  DeadLetter discard(DeadLetter letter, String reason) {
    return stub()
        .discardDeadLetter(
            DiscardDeadLetterRequest.newBuilder()
                .setDeadLetterId(letter.getDeadLetterId())
                .setReason(reason)
                .build())
        .getDeadLetter();
  }
}
