package dev.sagax.settle.saga;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.tracing.Fact;
import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.DecidedTransfer;
import dev.sagax.settle.Flow;
import dev.sagax.settle.Ledger;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.TransferInstruction;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.WithdrawalEnd;
import dev.sagax.settle.store.SettleRows;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Applies deposits and withdrawals, and what operators decide about withdrawals and accounts, to
 * the ledger. A transfer id is decided once for ever, and a withdrawal ends once; each instruction
 * read is answered by exactly one record that names the instruction's position.
 *
 * <p>What is asked of the ledger may depend on what was journaled before this batch, and on the
 * records before it in the batch, but never on a verdict of this batch: a batch that is read again
 * may be cut otherwise, and then asks for the same positions or for fewer.
 */
final class TransferRequestedHandler {
  private final int partition;
  private final Ledger ledger;
  private final TransferDecoder decoder;
  private long last = Flow.TRANSFER.beforeFirst;

  TransferRequestedHandler(int partition, Ledger ledger, TransferDecoder decoder) {
    this.partition = partition;
    this.ledger = ledger;
    this.decoder = decoder;
  }

  void continueAfter(long position) {
    last = position;
  }

  Future<Void> handle(List<LogRecord> records, StepWrites step) {
    if (records.isEmpty()) {
      return Future.succeededFuture();
    }
    List<TransferDecoder.Decoded> batch = records.stream().map(decoder::decode).toList();
    Stretch stretch = new Stretch(partition, last, records.getLast().position());
    return SettleRows.transfers(step.db(), ids(batch))
        .compose(known ->
            SettleRows.claim(step.db(), claiming(batch, known))
                .compose(claimed -> decide(stretch, batch, known, claimed, step)))
        .onSuccess(v -> last = stretch.end());
  }

  private static Set<String> ids(List<TransferDecoder.Decoded> batch) {
    Set<String> ids = new HashSet<>();
    for (TransferDecoder.Decoded decoded : batch) {
      switch (decoded) {
        case TransferDecoder.Instruction asked -> ids.add(asked.transfer().transferId());
        case TransferDecoder.Ending ending -> ids.add(ending.transferId());
        case TransferDecoder.Freeze freeze -> {}
        case TransferDecoder.Poison poison -> {}
      }
    }
    return ids;
  }

  /** The first instruction of each id that was never decided, if it brings an external id. */
  private static List<Transfer> claiming(
      List<TransferDecoder.Decoded> batch, Map<String, DecidedTransfer> known) {
    Map<String, Transfer> fresh = new LinkedHashMap<>();
    for (TransferDecoder.Decoded decoded : batch) {
      if (decoded instanceof TransferDecoder.Instruction asked
          && !known.containsKey(asked.transfer().transferId())) {
        fresh.putIfAbsent(asked.transfer().transferId(), asked.transfer());
      }
    }
    return fresh.values().stream().filter(t -> !t.externalId().isEmpty()).toList();
  }

  /**
   * @param claimed the deposits that have their external id
   */
  private Future<Void> decide(
      Stretch stretch,
      List<TransferDecoder.Decoded> batch,
      Map<String, DecidedTransfer> known,
      Set<String> claimed,
      StepWrites step) {
    List<TransferInstruction> asked = asked(batch, known, claimed);
    return ledger
        .transfer(stretch, asked)
        .map(verdicts -> {
          new Batch(known, claimed, byPosition(asked, verdicts), step).decide(batch);
          return null;
        });
  }

  private static Map<Long, Verdict.OfTransfer> byPosition(
      List<TransferInstruction> asked, List<Verdict.OfTransfer> verdicts) {
    Map<Long, Verdict.OfTransfer> byPosition = new HashMap<>();
    for (int i = 0; i < asked.size(); i++) {
      byPosition.put(asked.get(i).position(), verdicts.get(i));
    }
    return byPosition;
  }

  /**
   * What the ledger has to decide: the first instruction of each id that was never decided, each
   * end of a withdrawal that may be held then, each freeze.
   */
  private static List<TransferInstruction> asked(
      List<TransferDecoder.Decoded> batch,
      Map<String, DecidedTransfer> known,
      Set<String> claimed) {
    List<TransferInstruction> asked = new ArrayList<>();
    Map<String, Transfer> fresh = new HashMap<>();
    for (TransferDecoder.Decoded decoded : batch) {
      switch (decoded) {
        case TransferDecoder.Instruction(var record, var transfer) -> {
          boolean first =
              !known.containsKey(transfer.transferId())
                  && fresh.putIfAbsent(transfer.transferId(), transfer) == null;
          if (first && isMine(transfer, claimed)) {
            asked.add(transfer);
          }
        }
        case TransferDecoder.Ending ending -> {
          DecidedTransfer before = known.get(ending.transferId());
          Transfer withdrawal =
              before != null && before.isHeld()
                  ? before.transfer()
                  : fresh.get(ending.transferId());
          if (isWithdrawalOf(ending.account(), withdrawal)) {
            asked.add(ending.of(withdrawal));
          }
        }
        case TransferDecoder.Freeze freeze -> asked.add(freeze.freeze());
        case TransferDecoder.Poison poison -> {}
      }
    }
    return asked;
  }

  private static boolean isMine(Transfer transfer, Set<String> claimed) {
    return transfer.externalId().isEmpty() || claimed.contains(transfer.transferId());
  }

  private static boolean isWithdrawalOf(String account, Transfer transfer) {
    return transfer != null
        && transfer.direction() == Transfer.Direction.HELD_WITHDRAWAL
        && transfer.account().equals(account);
  }

  /** One batch whose verdicts are there: what is journaled and answered, record after record. */
  private final class Batch {
    private final Map<String, DecidedTransfer> known;
    private final Set<String> claimed;
    private final Map<Long, Verdict.OfTransfer> verdicts;
    private final StepWrites step;
    private final List<DecidedTransfer> decided = new ArrayList<>();
    private final List<WithdrawalEnd> ended = new ArrayList<>();
    private final List<AccountFreeze> freezes = new ArrayList<>();

    Batch(
        Map<String, DecidedTransfer> known,
        Set<String> claimed,
        Map<Long, Verdict.OfTransfer> verdicts,
        StepWrites step) {
      this.known = known;
      this.claimed = claimed;
      this.verdicts = verdicts;
      this.step = step;
    }

    void decide(List<TransferDecoder.Decoded> batch) {
      for (TransferDecoder.Decoded decoded : batch) {
        TransferAnswers answers = new TransferAnswers(step, decoded.record());
        step.tell(decoded.record(), Fact.TRANSFER_ID, decoded::transferId);
        switch (decoded) {
          case TransferDecoder.Poison poison -> answers.poison(poison);
          case TransferDecoder.Instruction asked ->
              answers.transfer(asked.transfer(), decided(asked.transfer()));
          case TransferDecoder.Ending ending -> end(ending, answers);
          case TransferDecoder.Freeze freeze -> {
            freezes.add(freeze.freeze());
            answers.freeze(freeze);
          }
        }
      }
      SettleRows.insert(step, partition, decided);
      SettleRows.insertEnds(step, partition, ended);
      SettleRows.insertFreezes(step, partition, freezes);
    }

    private DecidedTransfer decided(Transfer asked) {
      DecidedTransfer before = known.get(asked.transferId());
      if (before != null) {
        return before;
      }
      DecidedTransfer now =
          new DecidedTransfer(
              asked,
              isMine(asked, claimed)
                  ? verdicts.get(asked.position())
                  : new Verdict.ExternalIdUsed());
      decided.add(now);
      known.put(asked.transferId(), now);
      return now;
    }

    /**
     * @throws PartitionStoppedException if the ledger does not hold what the journal has as held:
     *     it must not be told that a withdrawal is no longer held when nobody has ended it
     */
    private void end(TransferDecoder.Ending ending, TransferAnswers answers) {
      DecidedTransfer withdrawal = known.get(ending.transferId());
      if (withdrawal == null || !withdrawal.transfer().account().equals(ending.account())) {
        answers.unknown(ending);
        return;
      }
      if (withdrawal.isHeld()) {
        if (!(verdicts.get(ending.record().position()) instanceof Verdict.Transferred)) {
          throw new PartitionStoppedException(
              ("transfer.requested %d of partition %d ends withdrawal %s, which the journal has as held, but the"
                      + " ledger does not hold this for it; rebuild the ledger: ./sagax ledger rebuild.")
                  .formatted(ending.record().position(), partition, ending.transferId()),
              null);
        }
        WithdrawalEnd end = ending.of(withdrawal.transfer());
        ended.add(end);
        withdrawal = withdrawal.endedBy(end);
        known.put(ending.transferId(), withdrawal);
      }
      answers.end(ending, withdrawal);
    }
  }
}
