package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.log.Faults;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.net.ServerSocket;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PoolOptionsTest {

  @Test
  void questionsThatDoNotFitInTheQueueFailAtOnceAndAreNoBugs() throws Exception {
    Vertx vertx = Vertx.vertx();
    try (var silent = new ServerSocket(0)) {
      var place = new PgConnectOptions().setHost("127.0.0.1").setPort(silent.getLocalPort());
      Pool pool =
          PgBuilder.pool()
              .connectingTo(place)
              .with(ServiceVerticle.poolOptions(2))
              .using(vertx)
              .build();
      for (int i = 0; i < 1_002; i++) {
        pool.query("select 1").execute();
      }

      var tooMany = pool.query("select 1").execute().toCompletionStage().toCompletableFuture();

      assertThatThrownBy(() -> tooMany.get(5, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .satisfies(refused -> assertThat(Faults.isInfrastructure(refused)).isTrue());
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }
}
