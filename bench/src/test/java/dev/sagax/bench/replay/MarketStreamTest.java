package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.SettableFuture;
import dev.sagax.bench.replay.Instruction.Cancel;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MarketStreamTest {
  private static final List<Instruction> THREE = List.of(line(2), line(3), line(4));

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<Integer> sent = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  @Test
  void theNextIsSentOnlyAfterTheOneBeforeIsAcknowledged() throws Exception {
    List<SettableFuture<String>> replies =
        List.of(SettableFuture.create(), SettableFuture.create(), SettableFuture.create());
    MarketStream stream = stream(instruction -> replies.get(instruction.line() - 2), 10);
    var done = stream.start();

    for (int i = 0; i < replies.size(); i++) {
      timer.submit(() -> {}).get();
      assertThat(sent).hasSize(i + 1);
      replies.get(i).set("ack");
    }

    done.get(10, TimeUnit.SECONDS);
    assertThat(sent).containsExactly(2, 3, 4);
    assertThat(stream.acknowledged()).isEqualTo(3);
  }

  @Test
  void whatIsNotAcknowledgedIsSentAgainInPlace() throws Exception {
    MarketStream stream =
        stream(
            instruction ->
                sent.size() == 2 || sent.size() == 3
                    ? Futures.immediateFailedFuture(Status.UNAVAILABLE.asRuntimeException())
                    : Futures.immediateFuture("ack"),
            10);

    stream.start().get(10, TimeUnit.SECONDS);

    assertThat(sent).containsExactly(2, 3, 3, 3, 4);
    assertThat(stream.retries()).isEqualTo(2);
  }

  @Test
  void aRefusalEndsTheStreamAndNamesItsLine() {
    MarketStream stream =
        stream(
            instruction ->
                Futures.immediateFailedFuture(
                    Status.INVALID_ARGUMENT.withDescription("off tick").asRuntimeException()),
            10);

    assertThatThrownBy(() -> stream.start().get(10, TimeUnit.SECONDS))
        .hasMessageContaining("Line 2 (A-B c-2): INVALID_ARGUMENT: off tick");
    assertThat(sent).containsExactly(2);
  }

  @Test
  void patienceEnds() {
    MarketStream stream =
        stream(
            instruction -> Futures.immediateFailedFuture(Status.UNAVAILABLE.asRuntimeException()),
            0);

    assertThatThrownBy(() -> stream.start().get(10, TimeUnit.SECONDS))
        .hasMessageContaining("UNAVAILABLE, for 0 s.");
  }

  private MarketStream stream(
      Function<Instruction, ListenableFuture<?>> reply, int patienceSeconds) {
    return new MarketStream(
        THREE,
        instruction -> {
          sent.add(instruction.line());
          return reply.apply(instruction);
        },
        () -> {},
        timer,
        Duration.ofSeconds(patienceSeconds));
  }

  private static Instruction line(int line) {
    return new Cancel(line, "A-B", "c-" + line, Owner.MAKER);
  }
}
