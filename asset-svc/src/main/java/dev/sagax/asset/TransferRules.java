package dev.sagax.asset;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.money.Asset;
import dev.sagax.platform.money.Decimals;
import dev.sagax.platform.money.Markets;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.platform.rpc.OperatorReason;
import java.util.regex.Pattern;

/**
 * Which requests make sense. The first rule broken, in the order of the request's fields, refuses
 * with its reason and field; no rule has an effect.
 */
public final class TransferRules {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");
  private static final Pattern EXTERNAL_ID = Pattern.compile("[A-Za-z0-9._:-]{0,128}");

  private final Markets markets;

  public TransferRules(Markets markets) {
    this.markets = markets;
  }

  /** A deposit that an operator asks for. */
  public TransferRequest.Deposit deposit(
      String account, String asset, String amount, String requestId) {
    return deposit(account, asset, amount, requestId, "");
  }

  /** A deposit that an operator asks for, by what it is called outside of the exchange. */
  public TransferRequest.Deposit deposit(
      String account, String asset, String amount, String requestId, String externalId) {
    requireId("account", account);
    long units = amount(asset, amount);
    requireId("request_id", requestId);
    if (!EXTERNAL_ID.matcher(externalId).matches()) {
      throw refuse(
          Reason.INVALID_ID,
          "external_id",
          "Expected up to 128 characters of [A-Za-z0-9._:-], but got \"%s\" (%d characters)."
              .formatted(printable(externalId), externalId.length()));
    }
    return new TransferRequest.Deposit(account, asset, units, requestId, externalId);
  }

  /** A withdrawal of an account is confirmed. */
  public OperatorDecision confirmation(
      String account, String transferId, String operator, String reason) {
    requireId("account", account);
    return new OperatorDecision.WithdrawalEnd(
        account, transferId(transferId), true, operator, OperatorReason.of("reason", reason));
  }

  /** A withdrawal of an account is returned, and its owner is told why. */
  public OperatorDecision returning(
      String account, String transferId, String operator, String reason) {
    requireId("account", account);
    return new OperatorDecision.WithdrawalEnd(
        account, transferId(transferId), false, operator, given(reason));
  }

  /** An account is frozen, or no more. */
  public OperatorDecision freeze(String account, boolean frozen, String operator, String reason) {
    requireId("account", account);
    return new OperatorDecision.AccountFreeze(account, frozen, operator, given(reason));
  }

  private static String given(String reason) {
    if (reason.isBlank()) {
      throw refuse(Reason.FIELD_REQUIRED, "reason", "Say why.");
    }
    return OperatorReason.of("reason", reason);
  }

  /** A withdrawal that the owner of the account asks for. */
  public TransferRequest.Withdrawal withdrawal(
      String account, String asset, String amount, String requestId) {
    long units = amount(asset, amount);
    requireId("request_id", requestId);
    return new TransferRequest.Withdrawal(account, asset, units, requestId);
  }

  /** Whether a transfer that comes out of the log is one that these rules let in. */
  public boolean admit(Transfer transfer) {
    TransferRequest request = transfer.request();
    return ID.matcher(request.account()).matches()
        && ID.matcher(request.requestId()).matches()
        && EXTERNAL_ID.matcher(request.externalId()).matches()
        && markets.asset(request.asset()).isPresent()
        && request.amountUnits() > 0
        && transfer.transferId().equals(request.transferId());
  }

  /** The id itself, if transfers have ids of this shape. */
  public String transferId(String text) {
    requireFilled("transfer_id", text);
    if (!DeterministicId.isWellFormed(text)) {
      throw refuse(
          Reason.INVALID_ID,
          "transfer_id",
          "Expected 32 lowercase hexadecimal digits, but got %d characters%s."
              .formatted(text.length(), text.length() == 32 ? " of another kind" : ""));
    }
    return text;
  }

  /** The asset of this name. */
  public Asset asset(String name) {
    requireFilled("asset", name);
    return markets
        .asset(name)
        .orElseThrow(() ->
            refuse(
                Reason.UNKNOWN_ASSET,
                "asset",
                "There is no asset \"%s\".".formatted(printable(name))));
  }

  private long amount(String asset, String amount) {
    return Decimals.parsePositive("amount", amount, asset(asset).scale());
  }

  private static void requireId(String field, String text) {
    requireFilled(field, text);
    if (!ID.matcher(text).matches()) {
      throw refuse(
          Reason.INVALID_ID,
          field,
          "Expected 1 to 64 characters of [A-Za-z0-9._:-], but got \"%s\" (%d characters)."
              .formatted(printable(text), text.length()));
    }
  }

  private static void requireFilled(String field, String text) {
    if (text.isEmpty()) {
      throw refuse(Reason.FIELD_REQUIRED, field, "The field " + field + " must be set.");
    }
  }

  private static String printable(String text) {
    String shown = text.replaceAll("[^ -~]", "?");
    return shown.length() <= 64 ? shown : shown.substring(0, 64) + "...";
  }

  private static RefusedException refuse(Reason reason, String field, String message) {
    return Refusal.ofField(reason, field, message).asException();
  }
}
