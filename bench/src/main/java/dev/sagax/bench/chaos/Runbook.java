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
  private static final int ATTEMPTS = 10;
  private static final long LOOK_MILLIS = 150;
  private static final String NOT_CONSERVED = "LEDGER_NOT_CONSERVED";

  private final Stack stack;
  private final Tampering tampering;
  private int turn;

  /** The last one under which the ledger was rebuilt here. */
  private long epoch;

  private final List<String> done = new ArrayList<>();

  Runbook(Stack stack, Tampering tampering) {
    this.stack = stack;
    this.tampering = tampering;
  }

  /** What was done since this was last asked for. */
  List<String> done() {
    List<String> sentences = List.copyOf(done);
    done.clear();
    return sentences;
  }

  /**
   * Lets orders in again after a breach that was made on purpose: opens the ledger, or rebuilds it
   * if it is not whole.
   *
   * @return whether it did
   * @throws Tampering.BreachException if the breach was not made on purpose
   */
  boolean mend() throws InterruptedException {
    Optional<LedgerState> state = state();
    if (state.isEmpty() || state.get().getMode() != LedgerMode.LEDGER_MODE_CANCEL_ONLY) {
      return false;
    }
    tampering.mustExplain(state.get().getReason());
    String closed = "closed by its audit (%s)".formatted(state.get().getReason());
    try {
      stack
          .clients()
          .operator(turn++)
          .longCalls()
          .openLedger(OpenLedgerRequest.getDefaultInstance());
      done.add(closed + ", audited and opened");
      return true;
    } catch (StatusRuntimeException refused) {
      if (Refusals.reason(refused).equals(NOT_CONSERVED)) {
        rebuild();
        awaitOpen();
        done.add(closed);
        return true;
      }
      stack.clients().reconnect(turn); // looked at again
      return false;
    }
  }

  /**
   * Waits until all of them are ready and the ledger is open: rebuilt, its log has to be replayed;
   * closed by its audit, it is mended.
   *
   * @param endNanos of {@link System#nanoTime}
   * @return what is not, in sentences; empty if all came in time
   */
  List<String> awaitReady(List<ServiceProcess> processes, long endNanos)
      throws InterruptedException {
    List<String> missing = missing(processes);
    while (!missing.isEmpty() && System.nanoTime() < endNanos) {
      mend();
      Thread.sleep(LOOK_MILLIS);
      missing = missing(processes);
    }
    return missing;
  }

  private List<String> missing(List<ServiceProcess> processes) {
    List<String> missing = new ArrayList<>();
    processes.stream()
        .filter(process -> !process.isReady())
        .forEach(process -> missing.add(process.name() + " is not ready"));
    Optional<LedgerState> state = state();
    if (state.isEmpty()) {
      missing.add("nobody says how the ledger is");
    } else if (!isOpen(state.get())) {
      missing.add(
          "the ledger is %s under epoch %d"
              .formatted(state.get().getMode(), state.get().getEpoch()));
    }
    return missing;
  }

  /**
   * Rebuilds the ledger by the command, after which its log is still to be replayed.
   *
   * @throws IllegalStateException if that cannot be done
   */
  void rebuild() throws InterruptedException {
    epoch = rebuildOnce(ATTEMPTS);
    done.add("rebuilt under epoch " + epoch);
  }

  private void awaitOpen() throws InterruptedException {
    long end = System.nanoTime() + REPLAY.toNanos();
    Optional<LedgerState> state = state();
    while (state.isEmpty() || !isOpen(state.get())) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "The rebuilt ledger was not open after %s: %s".formatted(REPLAY, state));
      }
      Thread.sleep(LOOK_MILLIS);
      state = state();
    }
  }

  private boolean isOpen(LedgerState state) {
    return state.getEpoch() >= epoch && state.getMode() == LedgerMode.LEDGER_MODE_OPEN;
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
