package dev.sagax.bench.chaos;

import dev.sagax.bench.client.Refusals;
import dev.sagax.local.LedgerStores;
import dev.sagax.local.ServiceProcess;
import dev.sagax.proto.ledger.v1.GetLedgerStateRequest;
import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.LedgerState;
import dev.sagax.proto.ledger.v1.OpenLedgerRequest;
import dev.sagax.settle.LedgerRefusedException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an operator does about a ledger that is closed: the same that the commands do. Blocking. */
final class Runbook {
  private static final Duration REPLAY = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration READY = Duration.ofSeconds(120);
  private static final int ATTEMPTS = 10;
  private static final long LOOK_MILLIS = 150;
  private static final String NOT_CONSERVED = "LEDGER_NOT_CONSERVED";

  private final Stack stack;
  private int turn;
  private final List<String> done = new ArrayList<>();

  Runbook(Stack stack) {
    this.stack = stack;
  }

  /** What was done since this was last asked for. */
  List<String> done() {
    List<String> sentences = List.copyOf(done);
    done.clear();
    return sentences;
  }

  /** Lets orders in again after a breach: opens the ledger, or rebuilds it if it is not whole. */
  void mend() throws InterruptedException {
    Optional<LedgerState> state = state();
    if (state.isEmpty() || state.get().getMode() != LedgerMode.LEDGER_MODE_CANCEL_ONLY) {
      return;
    }
    String closed = "closed by its audit (%s)".formatted(state.get().getReason());
    try {
      stack
          .clients()
          .operator(turn++)
          .longCalls()
          .openLedger(OpenLedgerRequest.getDefaultInstance());
      done.add(closed + ", audited and opened");
    } catch (StatusRuntimeException refused) {
      if (Refusals.reason(refused).equals(NOT_CONSERVED)) {
        rebuild();
        done.add(closed);
      } else {
        stack.clients().reconnect(turn); // looked at again
      }
    }
  }

  /**
   * Returns once all of them are ready. A ledger that its audit has closed is not, until it is
   * opened again.
   *
   * @throws IllegalStateException if they are not ready in time
   */
  void awaitReady(List<ServiceProcess> processes) throws InterruptedException {
    long end = System.nanoTime() + READY.toNanos();
    while (!processes.stream().allMatch(ServiceProcess::isReady)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "Not ready within %s: %s"
                .formatted(READY, processes.stream().filter(p -> !p.isReady()).toList()));
      }
      mend();
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /**
   * Rebuilds the ledger, and returns once its log is replayed and it is open.
   *
   * @throws IllegalStateException if that cannot be done
   */
  void rebuild() throws InterruptedException {
    long epoch = rebuildOnce(ATTEMPTS);
    long end = System.nanoTime() + REPLAY.toNanos();
    Optional<LedgerState> state = state();
    while (state.isEmpty() || !isOpen(state.get(), epoch)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "The rebuilt ledger was not open after %s: %s".formatted(REPLAY, state));
      }
      Thread.sleep(LOOK_MILLIS);
      state = state();
    }
    done.add("rebuilt under epoch " + epoch);
  }

  private static boolean isOpen(LedgerState state, long epoch) {
    return state.getEpoch() == epoch && state.getMode() == LedgerMode.LEDGER_MODE_OPEN;
  }

  private long rebuildOnce(int attempts) throws InterruptedException {
    String redis = stack.infrastructure().redisUri();
    try (LedgerStores stores = LedgerStores.at(stack.infrastructure().postgresUri(), redis)) {
      return stores.rebuild("Chaos has damaged it.", false, stage -> {}).epoch();
    } catch (LedgerRefusedException | IllegalStateException notNow) {
      if (attempts == 1) {
        throw new IllegalStateException("The ledger could not be rebuilt: " + notNow, notNow);
      }
    }
    Thread.sleep(LOOK_MILLIS);
    return rebuildOnce(attempts - 1);
  }

  /** Empty if nobody answers. */
  Optional<LedgerState> state() {
    for (int replica = 0; replica < stack.clients().replicas(); replica++) {
      try {
        return Optional.of(
            stack
                .clients()
                .operator(replica)
                .ledger()
                .withDeadlineAfter(ANSWER)
                .getLedgerState(GetLedgerStateRequest.getDefaultInstance())
                .getState());
      } catch (StatusRuntimeException away) {
        stack.clients().reconnect(replica);
      }
    }
    return Optional.empty();
  }
}
