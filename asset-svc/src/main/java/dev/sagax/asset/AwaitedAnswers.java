package dev.sagax.asset;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Seats;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Calls that wait for the ledger's answer. A call takes the answer to its own instruction and no
 * other, even when several calls ask for the same transfer. Safe for use by several threads, since
 * time-outs may come on another one.
 */
public final class AwaitedAnswers {
  /** Each of them is offered all answers about the transfer, also those that the others cause. */
  private static final int MAX_CALLS_A_TRANSFER = 100;

  private final Seats seats;
  private final Map<String, List<Awaited>> byTransfer = new HashMap<>();

  /**
   * @param seatsAPartition how many calls may wait for one partition of the log
   */
  public AwaitedAnswers(int seatsAPartition) {
    this.seats = new Seats(seatsAPartition);
  }

  /**
   * Starts to wait. Comes before the append, since the answer may be here before the append is
   * acknowledged. Refused with OVERLOADED when too many calls wait already, for this partition or
   * for this transfer.
   */
  public synchronized Awaited expect(String transferId, int partition) {
    List<Awaited> sameTransfer = byTransfer.getOrDefault(transferId, List.of());
    if (sameTransfer.size() >= MAX_CALLS_A_TRANSFER) {
      throw Refusal.of(
              Reason.OVERLOADED,
              "%d calls wait for transfer %s already; try again later."
                  .formatted(sameTransfer.size(), transferId))
          .asException();
    }
    seats.take(partition);
    Awaited awaited = new Awaited(transferId, partition);
    byTransfer.computeIfAbsent(transferId, id -> new ArrayList<>()).add(awaited);
    return awaited;
  }

  /** An answer came; whoever waits for it has it. */
  public synchronized void arrived(LedgerAnswer answer) {
    List<Awaited> interested = byTransfer.get(answer.transferId());
    if (interested != null) {
      List.copyOf(interested).forEach(awaited -> awaited.offer(answer));
    }
  }

  private static List<Awaited> without(Awaited done, List<Awaited> all) {
    all.remove(done);
    return all.isEmpty() ? null : all;
  }

  /** How many calls wait. */
  public synchronized int waiting() {
    return seats.taken();
  }

  /** One call's wait. */
  public final class Awaited {
    private static final long UNKNOWN = -1;

    private final String transferId;
    private final int partition;
    private final Promise<LedgerAnswer> promise = Promise.promise();
    private final List<LedgerAnswer> early = new ArrayList<>();
    private long instruction = UNKNOWN;
    private boolean open = true;

    private Awaited(String transferId, int partition) {
      this.transferId = transferId;
      this.partition = partition;
    }

    /** The answer to the instruction at this position. */
    public Future<LedgerAnswer> to(long position) {
      synchronized (AwaitedAnswers.this) {
        instruction = position;
        early.forEach(this::offer);
        early.clear();
        return promise.future();
      }
    }

    /** Whether the log has acknowledged the instruction. */
    public boolean appended() {
      synchronized (AwaitedAnswers.this) {
        return instruction != UNKNOWN;
      }
    }

    /** Stops waiting. */
    public void close() {
      synchronized (AwaitedAnswers.this) {
        if (open) {
          open = false;
          seats.leave(partition);
          byTransfer.computeIfPresent(transferId, (id, all) -> without(this, all));
        }
      }
    }

    private void offer(LedgerAnswer answer) {
      if (!appended()) {
        early.add(answer);
      } else if (answer.instruction() == instruction) {
        promise.tryComplete(answer);
      }
    }
  }
}
