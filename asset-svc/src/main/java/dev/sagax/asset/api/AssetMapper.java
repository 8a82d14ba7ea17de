package dev.sagax.asset.api;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.sagax.asset.AccountEntry;
import dev.sagax.asset.BalanceView;
import dev.sagax.asset.HeldFunds;
import dev.sagax.asset.Statement;
import dev.sagax.asset.TransferRequest;
import dev.sagax.asset.Transfers;
import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.BalanceChange;
import dev.sagax.proto.asset.v1.Hold;
import dev.sagax.proto.asset.v1.StatementEntry;
import dev.sagax.proto.asset.v1.StatementKind;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.asset.v1.TransferReason;
import dev.sagax.proto.asset.v1.TransferStatus;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Values of the business as messages of the API. */
final class AssetMapper {
  private static final long MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);
  private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_AGE_SECONDS = TimeUnit.DAYS.toSeconds(36_525);

  private final Markets markets;

  AssetMapper(Markets markets) {
    this.markets = markets;
  }

  Balance balance(BalanceView view) {
    Asset asset = asset(view.asset());
    return Balance.newBuilder()
        .setAsset(asset.name())
        .setAvailable(asset.format(view.availableUnits()))
        .setHeld(asset.format(view.heldUnits()))
        .build();
  }

  Transfer transfer(dev.sagax.asset.Transfer transfer) {
    TransferRequest request = transfer.request();
    Transfer.Builder shown = Transfer.newBuilder();
    shown
        .setTransferId(transfer.transferId())
        .setRequestId(request.requestId())
        .setKind(kind(request))
        .setAccount(request.account())
        .setAsset(request.asset())
        .setAmount(asset(request.asset()).format(request.amountUnits()))
        .setStatus(status(transfer.outcome()))
        .setReason(reason(transfer.outcome()))
        .setCreateTime(time(transfer.createMicros()))
        .setExternalId(request.externalId())
        .setNote(transfer.note());
    if (transfer.stageMicros() > 0) {
      shown.setUpdateTime(time(transfer.stageMicros()));
    }
    return shown.build();
  }

  private static TransferKind kind(TransferRequest request) {
    return switch (request) {
      case TransferRequest.Deposit deposit -> TransferKind.TRANSFER_KIND_DEPOSIT;
      case TransferRequest.Withdrawal withdrawal -> TransferKind.TRANSFER_KIND_WITHDRAWAL;
    };
  }

  /** Which kind a list is of; empty for all. */
  static Optional<Transfers.Kind> kind(TransferKind kind) {
    return switch (kind) {
      case TRANSFER_KIND_UNSPECIFIED -> Optional.empty();
      case TRANSFER_KIND_DEPOSIT -> Optional.of(Transfers.Kind.DEPOSIT);
      case TRANSFER_KIND_WITHDRAWAL -> Optional.of(Transfers.Kind.WITHDRAWAL);
      case UNRECOGNIZED -> throw unknown("kind", "DEPOSIT, WITHDRAWAL");
    };
  }

  /** The outcomes that are shown with this status; all for none. */
  static Set<dev.sagax.asset.Transfer.Outcome> outcomes(TransferStatus status) {
    if (status == TransferStatus.UNRECOGNIZED) {
      throw unknown("status", "ACCEPTED, COMPLETED, REJECTED, HELD, RETURNED");
    }
    EnumSet<dev.sagax.asset.Transfer.Outcome> all =
        EnumSet.allOf(dev.sagax.asset.Transfer.Outcome.class);
    if (status != TransferStatus.TRANSFER_STATUS_UNSPECIFIED) {
      all.removeIf(outcome -> status(outcome) != status);
    }
    return all;
  }

  private static RefusedException unknown(String field, String known) {
    return Refusal.ofField(Reason.INVALID_ENUM, field, "Expected one of " + known + ".")
        .asException();
  }

  /** An age; refused if it is negative, or more than a hundred years. */
  static long micros(String field, Duration age) {
    boolean wellFormed = age.getNanos() >= 0 && age.getNanos() < NANOS_PER_SECOND;
    if (!wellFormed || age.getSeconds() < 0 || age.getSeconds() > LONGEST_AGE_SECONDS) {
      throw Refusal.ofField(
              Reason.INVALID_TIME, field, "Expected an age of 0 seconds to 100 years.")
          .asException();
    }
    return TimeUnit.SECONDS.toMicros(age.getSeconds())
        + TimeUnit.NANOSECONDS.toMicros(age.getNanos());
  }

  Hold hold(HeldFunds held) {
    Hold.Builder shown =
        Hold.newBuilder()
            .setAsset(held.asset())
            .setAmount(asset(held.asset()).format(held.amountUnits()))
            .setCreateTime(time(held.timeMicros()))
            .setAge(
                Duration.newBuilder()
                    .setSeconds(held.ageMicros() / MICROS_PER_SECOND)
                    .setNanos(
                        (int) TimeUnit.MICROSECONDS.toNanos(held.ageMicros() % MICROS_PER_SECOND)));
    return (held.withdrawal()
            ? shown.setTransferId(held.subject())
            : shown.setOrderId(held.subject()))
        .build();
  }

  /**
   * @param statement behind the entry
   */
  StatementEntry entry(AccountEntry entry, Statement statement) {
    StatementEntry.Builder shown =
        StatementEntry.newBuilder().setKind(kind(entry.kind())).setTime(time(entry.timeMicros()));
    if (entry.kind().isOfOrder()) {
      shown.setOrderId(entry.subject());
    } else {
      shown.setTransferId(entry.subject());
    }
    for (AccountEntry.Change change : entry.changes()) {
      Asset asset = asset(change.asset());
      BalanceView balance = statement.balances().get(change.asset());
      shown.addChanges(
          BalanceChange.newBuilder()
              .setAsset(asset.name())
              .setAvailableChange(asset.format(change.availableUnits()))
              .setHeldChange(asset.format(change.heldUnits()))
              .setFee(asset.format(change.feeUnits()))
              .setAvailable(asset.format(balance.availableUnits()))
              .setHeld(asset.format(balance.heldUnits())));
    }
    return shown.build();
  }

  private static StatementKind kind(AccountEntry.Kind kind) {
    return switch (kind) {
      case HOLD -> StatementKind.STATEMENT_KIND_HOLD;
      case SETTLEMENT -> StatementKind.STATEMENT_KIND_SETTLEMENT;
      case DEPOSIT -> StatementKind.STATEMENT_KIND_DEPOSIT;
      case WITHDRAWAL -> StatementKind.STATEMENT_KIND_WITHDRAWAL;
      case WITHDRAWAL_HELD -> StatementKind.STATEMENT_KIND_WITHDRAWAL_HELD;
      case WITHDRAWAL_CONFIRMED -> StatementKind.STATEMENT_KIND_WITHDRAWAL_CONFIRMED;
      case WITHDRAWAL_RETURNED -> StatementKind.STATEMENT_KIND_WITHDRAWAL_RETURNED;
    };
  }

  static TransferStatus status(dev.sagax.asset.Transfer.Outcome outcome) {
    return switch (outcome) {
      case PENDING -> TransferStatus.TRANSFER_STATUS_ACCEPTED;
      case HELD -> TransferStatus.TRANSFER_STATUS_HELD;
      case COMPLETED -> TransferStatus.TRANSFER_STATUS_COMPLETED;
      case RETURNED -> TransferStatus.TRANSFER_STATUS_RETURNED;
      case INSUFFICIENT_FUNDS, SUPPLY_LIMIT, ACCOUNT_FROZEN, EXTERNAL_ID_USED ->
          TransferStatus.TRANSFER_STATUS_REJECTED;
    };
  }

  private static TransferReason reason(dev.sagax.asset.Transfer.Outcome outcome) {
    return switch (outcome) {
      case PENDING, HELD, COMPLETED, RETURNED -> TransferReason.TRANSFER_REASON_UNSPECIFIED;
      case ACCOUNT_FROZEN -> TransferReason.TRANSFER_REASON_ACCOUNT_FROZEN;
      case EXTERNAL_ID_USED -> TransferReason.TRANSFER_REASON_EXTERNAL_ID_USED;
      case INSUFFICIENT_FUNDS -> TransferReason.TRANSFER_REASON_INSUFFICIENT_FUNDS;
      case SUPPLY_LIMIT -> TransferReason.TRANSFER_REASON_SUPPLY_LIMIT;
    };
  }

  static Timestamp time(long micros) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(micros, MICROS_PER_SECOND))
        .setNanos((int) TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, MICROS_PER_SECOND)))
        .build();
  }

  /** What is stored has an asset that is listed: an asset is never taken off the markets file. */
  private Asset asset(String name) {
    return markets
        .asset(name)
        .orElseThrow(() -> new IllegalStateException("The markets file has no asset " + name));
  }
}
