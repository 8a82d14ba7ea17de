package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.rpc.PeerUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KafkaLogFollowerTest {
  private static final KafkaSettings NOBODY = new KafkaSettings("127.0.0.1:1");

  @Test
  void whatIsOpenAtCloseFails() throws Exception {
    Vertx vertx = Vertx.vertx();
    KafkaLogFollower follower =
        new KafkaLogFollower(
            NOBODY,
            "test",
            List.of(Topic.ORDER_UPDATED),
            1,
            vertx.getOrCreateContext(),
            (d, up, why) -> {},
            r -> {});
    Future<?> asked = follower.endOffsets(Topic.ORDER_REQUESTED);

    await(follower.close());
    Future<?> askedLate = follower.endOffsets(Topic.ORDER_REQUESTED);

    for (Future<?> open : List.of(asked, askedLate, follower.started())) {
      assertThatThrownBy(() -> await(open)).hasCauseInstanceOf(PeerUnavailableException.class);
    }
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
