package dev.sagax.settle.saga;

import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.TransferAnswer;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferDirection;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRejection;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.settle.DecidedTransfer;
import dev.sagax.settle.Flow;
import dev.sagax.settle.Ledger;
import dev.sagax.settle.Stretch;
import dev.sagax.settle.Transfer;
import dev.sagax.settle.Verdict;
import dev.sagax.settle.store.SettleRows;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies deposits and withdrawals to the ledger. A transfer id is decided once for ever; each
 * instruction read is answered by exactly one record that names the instruction's position.
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
        .compose(known -> decide(stretch, batch, known, step))
        .onSuccess(v -> last = stretch.end());
  }

  private static List<String> ids(List<TransferDecoder.Decoded> batch) {
    List<String> ids = new ArrayList<>();
    for (TransferDecoder.Decoded decoded : batch) {
      if (decoded instanceof TransferDecoder.Instruction instruction) {
        ids.add(instruction.transfer().transferId());
      }
    }
    return ids;
  }

  private Future<Void> decide(
      Stretch stretch,
      List<TransferDecoder.Decoded> batch,
      Map<String, DecidedTransfer> known,
      StepWrites step) {
    List<Transfer> fresh = fresh(batch, known);
    return ledger
        .transfer(stretch, fresh)
        .map(verdicts -> {
          record(fresh, verdicts, known, step);
          batch.forEach(decoded -> answer(decoded, known, step));
          return null;
        });
  }

  /** The first instruction of each id that was never decided. */
  private static List<Transfer> fresh(
      List<TransferDecoder.Decoded> batch, Map<String, DecidedTransfer> known) {
    Map<String, Transfer> fresh = new LinkedHashMap<>();
    for (TransferDecoder.Decoded decoded : batch) {
      if (decoded instanceof TransferDecoder.Instruction instruction
          && !known.containsKey(instruction.transfer().transferId())) {
        fresh.putIfAbsent(instruction.transfer().transferId(), instruction.transfer());
      }
    }
    return List.copyOf(fresh.values());
  }

  private void record(
      List<Transfer> fresh,
      List<Verdict.OfTransfer> verdicts,
      Map<String, DecidedTransfer> known,
      StepWrites step) {
    List<DecidedTransfer> decided = new ArrayList<>();
    for (int i = 0; i < fresh.size(); i++) {
      DecidedTransfer now = new DecidedTransfer(fresh.get(i), verdicts.get(i));
      decided.add(now);
      known.put(now.transfer().transferId(), now);
    }
    SettleRows.insert(step, partition, decided);
  }

  private static void answer(
      TransferDecoder.Decoded decoded, Map<String, DecidedTransfer> known, StepWrites step) {
    switch (decoded) {
      case TransferDecoder.Poison poison ->
          step.deadLetter(Topic.TRANSFER_DLQ, poison.record(), poison.transferId(), poison.error());
      case TransferDecoder.Instruction instruction ->
          answer(instruction.transfer(), known.get(instruction.transfer().transferId()), step);
    }
  }

  private static void answer(Transfer asked, DecidedTransfer original, StepWrites step) {
    List<String> conflicts = asked.differencesTo(original.transfer());
    TransferAnswer answer = answer(asked, original.transfer(), conflicts);
    switch (original.verdict()) {
      case Verdict.Transferred completed ->
          step.emit(
              Topic.TRANSFER_COMPLETED,
              asked.account(),
              TransferCompleted.newBuilder()
                  .setInstruction(asked.position())
                  .setAnswer(answer)
                  .setTransfer(event(original.transfer()))
                  .addAllConflicts(conflicts)
                  .build());
      case Verdict.InsufficientFunds refused ->
          reject(
              asked,
              original,
              answer,
              conflicts,
              TransferRejection.TRANSFER_REJECTION_INSUFFICIENT_FUNDS,
              step);
      case Verdict.SupplyLimit refused ->
          reject(
              asked,
              original,
              answer,
              conflicts,
              TransferRejection.TRANSFER_REJECTION_SUPPLY_LIMIT,
              step);
    }
  }

  private static TransferAnswer answer(Transfer asked, Transfer original, List<String> conflicts) {
    if (asked.position() == original.position()) {
      return TransferAnswer.TRANSFER_ANSWER_APPLIED;
    }
    return conflicts.isEmpty()
        ? TransferAnswer.TRANSFER_ANSWER_REPEATED
        : TransferAnswer.TRANSFER_ANSWER_CONFLICT;
  }

  private static void reject(
      Transfer asked,
      DecidedTransfer original,
      TransferAnswer answer,
      List<String> conflicts,
      TransferRejection why,
      StepWrites step) {
    step.emit(
        Topic.TRANSFER_REJECTED,
        asked.account(),
        TransferRejected.newBuilder()
            .setInstruction(asked.position())
            .setAnswer(answer)
            .setTransfer(event(original.transfer()))
            .setRejection(why)
            .addAllConflicts(conflicts)
            .build());
  }

  private static TransferRequested event(Transfer transfer) {
    return TransferRequested.newBuilder()
        .setTransferId(transfer.transferId())
        .setAccount(transfer.account())
        .setRequestId(transfer.requestId())
        .setDirection(
            transfer.direction() == Transfer.Direction.DEPOSIT
                ? TransferDirection.TRANSFER_DIRECTION_DEPOSIT
                : TransferDirection.TRANSFER_DIRECTION_WITHDRAWAL)
        .setAsset(transfer.asset())
        .setAmountUnits(transfer.amountUnits())
        .setTimeMicros(transfer.timeMicros())
        .build();
  }
}
