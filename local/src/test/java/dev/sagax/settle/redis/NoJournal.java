package dev.sagax.settle.redis;

import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Hold;
import dev.sagax.settle.Journal;
import dev.sagax.settle.JournalImage;
import dev.sagax.settle.JournalState;
import dev.sagax.settle.OpenHold;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Verdict;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/** A journal that has positions only, for tests of the ledger alone. */
final class NoJournal implements Journal {
  OptionalLong epoch = OptionalLong.empty();
  boolean empty = true;
  final AtomicInteger timesRead = new AtomicInteger();
  final Map<FlowPartition, Long> positions = new HashMap<>();

  @Override
  public Future<JournalState> state() {
    timesRead.incrementAndGet();
    return Future.succeededFuture(new JournalState(epoch, empty, Map.copyOf(positions)));
  }

  @Override
  public Future<Long> beginEpoch(long first) {
    epoch = OptionalLong.of(epoch.orElse(first));
    return Future.succeededFuture(epoch.getAsLong());
  }

  @Override
  public Future<HoldPosition> holdPosition(int partition) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Boolean> recordHolds(
      long epoch, Stretch stretch, List<Hold> holds, List<Verdict.OfHold> verdicts) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Map<Long, DecidedHold>> decidedHolds(int partition, List<Long> positions) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<List<OpenHold>> openHolds(
      String account, long placedToMicros, HoldPlace after, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<List<AccountFreeze>> frozenAccounts(String after, int limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<JournalImage> image() {
    throw new UnsupportedOperationException();
  }
}
