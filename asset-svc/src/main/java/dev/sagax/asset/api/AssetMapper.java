package dev.sagax.asset.api;

import com.google.protobuf.Timestamp;
import dev.sagax.asset.BalanceView;
import dev.sagax.asset.TransferRequest;
import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Markets;
import dev.sagax.proto.asset.v1.Balance;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.asset.v1.TransferReason;
import dev.sagax.proto.asset.v1.TransferStatus;
import java.util.concurrent.TimeUnit;

/** Values of the business as messages of the API. */
final class AssetMapper {
  private static final long MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

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
    return Transfer.newBuilder()
        .setTransferId(transfer.transferId())
        .setRequestId(request.requestId())
        .setKind(kind(request))
        .setAccount(request.account())
        .setAsset(request.asset())
        .setAmount(asset(request.asset()).format(request.amountUnits()))
        .setStatus(status(transfer.outcome()))
        .setReason(reason(transfer.outcome()))
        .setCreateTime(time(transfer.createMicros()))
        .build();
  }

  private static TransferKind kind(TransferRequest request) {
    return switch (request) {
      case TransferRequest.Deposit deposit -> TransferKind.TRANSFER_KIND_DEPOSIT;
      case TransferRequest.Withdrawal withdrawal -> TransferKind.TRANSFER_KIND_WITHDRAWAL;
    };
  }

  private static TransferStatus status(dev.sagax.asset.Transfer.Outcome outcome) {
    return switch (outcome) {
      case PENDING -> TransferStatus.TRANSFER_STATUS_ACCEPTED;
      case COMPLETED -> TransferStatus.TRANSFER_STATUS_COMPLETED;
      case INSUFFICIENT_FUNDS, SUPPLY_LIMIT -> TransferStatus.TRANSFER_STATUS_REJECTED;
    };
  }

  private static TransferReason reason(dev.sagax.asset.Transfer.Outcome outcome) {
    return switch (outcome) {
      case PENDING, COMPLETED -> TransferReason.TRANSFER_REASON_UNSPECIFIED;
      case INSUFFICIENT_FUNDS -> TransferReason.TRANSFER_REASON_INSUFFICIENT_FUNDS;
      case SUPPLY_LIMIT -> TransferReason.TRANSFER_REASON_SUPPLY_LIMIT;
    };
  }

  private static Timestamp time(long micros) {
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
