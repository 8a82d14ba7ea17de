package dev.sagax.settle.redis;

import static dev.sagax.settle.redis.RedisFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.settle.LedgerUnavailableException;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisSessionTest {
  private static final long TIMEOUT_MILLIS = 20_000;
  private static RedisFixture redis;

  @BeforeAll
  static void start(@TempDir Path home) {
    redis = new RedisFixture(home);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  private static RedisSession connect() {
    return await(RedisSession.connect(redis.vertx, redis.adminUri(), TIMEOUT_MILLIS));
  }

  /** The client fails it as an error of Redis, but Redis has not said anything. */
  @Test
  void commandWhoseConnectionEndsIsUnknownAndNoRefusalOfRedis() throws Exception {
    RedisSession session = connect();
    CountDownLatch lost = new CountDownLatch(1);
    session.whenLost(lost::countDown);
    Response id = await(session.send(Command.CLIENT, "ID"));
    Future<Response> waiting = session.send(Command.BLPOP, "nobody-pushes", "0");

    redis.command(Command.CLIENT, "KILL", "ID", id.toString());

    assertThatThrownBy(() -> await(waiting)).isInstanceOf(LedgerUnavailableException.class);
    assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whatRedisRefusesIsToldAsItSaysIt() {
    RedisSession session = connect();
    await(session.send(Command.SET, "text", "a"));

    Future<Response> refused = session.send(Command.HGETALL, "text");

    assertThatThrownBy(() -> await(refused))
        .hasRootCauseInstanceOf(ErrorType.class)
        .hasRootCauseMessage("WRONGTYPE Operation against a key holding the wrong kind of value");
    session.close();
  }
}
