package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.LedgerStores;
import dev.sagax.local.infra.Infrastructure;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.ledger.v1.GetLedgerStateRequest;
import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.ledger.v1.LedgerState;
import dev.sagax.settle.LedgerRebuild;
import io.grpc.StatusRuntimeException;
import io.vertx.redis.client.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Redis loses everything: the ledger stands still, is rebuilt from the journal, and goes on. */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LedgerLossTest {
  private TestExchange exchange;

  @BeforeAll
  void use(TestExchange shared) {
    exchange = shared;
  }

  @Test
  void redisThatIsEmptiedUnderLoadIsRebuiltWhileTheExchangeRuns() {
    try (Trickle trickle = new Trickle(exchange, exchange.market())) {
      trickle.flows(20);
      long epoch = state().getEpoch();

      try (Stores stores = new Stores(infrastructure())) {
        stores.redis(Command.FLUSHALL);
      }
      trickle.stalls(8);
      assertRefused();
      assertNothingIsBegunAnew();
      LedgerRebuild.Rebuilt rebuilt = rebuild();

      assertThat(rebuilt.epoch()).isEqualTo(epoch + 1);
      Eventually.passes(() -> assertThat(state().getMode()).isEqualTo(LedgerMode.LEDGER_MODE_OPEN));
      trickle.flows(20);
      trickle.stop();
      Eventually.passes(trickle::assertEveryOrderCounts);
      exchange.assertConserved();
    }
  }

  @Test
  void redisThatIsGoneWhileStoppedKeepsTheLedgerClosedUntilItIsRebuilt() {
    try (Trickle trickle = new Trickle(exchange, exchange.market())) {
      trickle.flows(20);

      exchange.restart(data -> delete(data.resolve("redis/data")));
      trickle.stalls(8);
      assertRefused();
      assertNothingIsBegunAnew();
      rebuild();

      Eventually.passes(() -> assertThat(state().getMode()).isEqualTo(LedgerMode.LEDGER_MODE_OPEN));
      trickle.flows(20);
      trickle.stop();
      Eventually.passes(trickle::assertEveryOrderCounts);
      exchange.assertConserved();
    }
  }

  /** As processes of their own, services may still be starting. */
  private void assertRefused() {
    Trader reader = exchange.trader("reader");
    Eventually.passes(() -> assertThat(refusal(reader)).isEqualTo("DEPENDENCY_UNAVAILABLE"));
  }

  private static String refusal(Trader reader) {
    try {
      throw new IllegalStateException("A closed ledger answers: " + reader.balances());
    } catch (StatusRuntimeException refused) {
      return Refused.of(refused).reason();
    }
  }

  private void assertNothingIsBegunAnew() {
    try (Stores stores = new Stores(infrastructure())) {
      assertThat(stores.redis(Command.EXISTS, "{ledger}:epoch").toInteger()).isZero();
    }
  }

  private LedgerRebuild.Rebuilt rebuild() {
    try (LedgerStores stores =
        LedgerStores.at(infrastructure().postgresUri(), infrastructure().redisUri())) {
      return stores.rebuild("test", false, stage -> {});
    }
  }

  private LedgerState state() {
    return LedgerServiceGrpc.newBlockingStub(exchange.settle())
        .withInterceptors(TestExchange.bearer(exchange.token("operator", Scope.OPERATOR)))
        .getLedgerState(GetLedgerStateRequest.getDefaultInstance())
        .getState();
  }

  private Infrastructure infrastructure() {
    return exchange.infrastructure();
  }

  private static void delete(Path directory) {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
