package dev.sagax.settle.api;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.ledger.v1.AssetAudit;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.ledger.v1.Entry;
import dev.sagax.proto.ledger.v1.EntryChange;
import dev.sagax.proto.ledger.v1.EntryKind;
import dev.sagax.proto.ledger.v1.FrozenAccount;
import dev.sagax.proto.ledger.v1.GetAccountCutResponse;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.HoldItem;
import dev.sagax.proto.ledger.v1.HoldPlace;
import dev.sagax.proto.ledger.v1.HoldRequest;
import dev.sagax.proto.ledger.v1.HoldResponse;
import dev.sagax.proto.ledger.v1.HoldResult;
import dev.sagax.proto.ledger.v1.HoldVerdict;
import dev.sagax.proto.ledger.v1.LedgerMode;
import dev.sagax.proto.ledger.v1.ListEntriesRequest;
import dev.sagax.proto.ledger.v1.ListEntriesResponse;
import dev.sagax.proto.ledger.v1.ListFrozenAccountsResponse;
import dev.sagax.proto.ledger.v1.ListHoldsResponse;
import dev.sagax.proto.ledger.v1.LogPlace;
import dev.sagax.proto.ledger.v1.OpenHold;
import dev.sagax.settle.AccountCuts;
import dev.sagax.settle.AccountEntry;
import dev.sagax.settle.AccountFreeze;
import dev.sagax.settle.AssetFigures;
import dev.sagax.settle.AuditReport;
import dev.sagax.settle.Balance;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.Hold;
import dev.sagax.settle.HoldBatch;
import dev.sagax.settle.Journal;
import dev.sagax.settle.LedgerState;
import dev.sagax.settle.Verdict;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Between the wire and the ledger's own words. */
final class LedgerMapper {
  private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);

  private LedgerMapper() {}

  /**
   * Refuses what would leave the ledger undecidable: positions out of order, amounts of nothing.
   */
  static HoldBatch batch(HoldRequest request, int partitions) {
    expect(
        request.getPartition() >= 0 && request.getPartition() < partitions,
        Reason.INVALID_ID,
        "partition",
        "There is no partition " + request.getPartition() + ".");
    List<Hold> holds = new ArrayList<>(request.getItemsCount());
    long last = request.getPreviousPosition();
    for (HoldItem item : request.getItemsList()) {
      holds.add(hold(item, last));
      last = item.getPosition();
    }
    expect(
        last <= request.getEndPosition(),
        Reason.INVALID_ID,
        "end_position",
        "The batch ends at %d, but has position %d.".formatted(request.getEndPosition(), last));
    return new HoldBatch(
        request.getPartition(), request.getPreviousPosition(), request.getEndPosition(), holds);
  }

  private static Hold hold(HoldItem item, long last) {
    expect(
        item.getPosition() > last,
        Reason.INVALID_ID,
        "items.position",
        "Position %d comes after position %d.".formatted(item.getPosition(), last));
    expect(
        DeterministicId.isWellFormed(item.getOrderId()),
        Reason.INVALID_ID,
        "items.order_id",
        "An order id has 32 hexadecimal digits.");
    expect(
        !item.getAccount().isEmpty() && !item.getAsset().isEmpty(),
        Reason.FIELD_REQUIRED,
        "items.account",
        "A hold needs an account and an asset.");
    expect(
        item.getAmountUnits() > 0 && item.getLeftUnits() > 0,
        Reason.NOT_POSITIVE,
        "items.amount_units",
        "Order %s asks to hold %d units for %d left; both must be above zero."
            .formatted(item.getOrderId(), item.getAmountUnits(), item.getLeftUnits()));
    return new Hold(
        item.getPosition(),
        item.getOrderId(),
        item.getAccount(),
        item.getAsset(),
        item.getAmountUnits(),
        item.getLeftUnits(),
        item.getTimeMicros(),
        item.getDeclined());
  }

  private static void expect(boolean holds, Reason reason, String field, String sentence) {
    if (!holds) {
      throw Refusal.ofField(reason, field, sentence).asException();
    }
  }

  static HoldResponse response(HoldRequest request, List<Verdict.OfHold> verdicts) {
    HoldResponse.Builder response = HoldResponse.newBuilder();
    for (int i = 0; i < verdicts.size(); i++) {
      response.addResults(
          HoldResult.newBuilder()
              .setPosition(request.getItems(i).getPosition())
              .setVerdict(word(verdicts.get(i))));
    }
    return response.build();
  }

  private static HoldVerdict word(Verdict.OfHold verdict) {
    return switch (verdict) {
      case Verdict.Held held -> HoldVerdict.HOLD_VERDICT_HELD;
      case Verdict.InsufficientFunds refused -> HoldVerdict.HOLD_VERDICT_INSUFFICIENT_FUNDS;
      case Verdict.Declined declined -> HoldVerdict.HOLD_VERDICT_DECLINED;
      case Verdict.AccountFrozen refused -> HoldVerdict.HOLD_VERDICT_ACCOUNT_FROZEN;
    };
  }

  static GetBalancesResponse balances(List<Balance> balances) {
    GetBalancesResponse.Builder response = GetBalancesResponse.newBuilder();
    balances.forEach(balance -> response.addBalances(balance(balance)));
    return response.build();
  }

  private static AssetBalance balance(Balance balance) {
    return AssetBalance.newBuilder()
        .setAsset(balance.asset())
        .setAvailableUnits(balance.availableUnits())
        .setHeldUnits(balance.heldUnits())
        .build();
  }

  static GetAccountCutResponse cut(AccountCuts.AccountCut cut) {
    GetAccountCutResponse.Builder response = GetAccountCutResponse.newBuilder();
    cut.balances().forEach(balance -> response.addBalances(balance(balance)));
    cut.marks()
        .forEach((log, position) -> {
          if (position != log.flow().beforeFirst) {
            response.addPlaces(place(log, position, Integer.MAX_VALUE));
          }
        });
    return response.build();
  }

  private static LogPlace place(FlowPartition log, long position, int leg) {
    return LogPlace.newBuilder()
        .setFlow(log.flow().ordinal() + 1)
        .setPartition(log.partition())
        .setPosition(position)
        .setLeg(leg)
        .build();
  }

  /**
   * @param found one more than the page, if there is a next page
   * @param token asks for what comes behind a place
   */
  static ListHoldsResponse page(
      List<dev.sagax.settle.OpenHold> found,
      int size,
      long nowMicros,
      Function<Journal.HoldPlace, String> token) {
    ListHoldsResponse.Builder response = ListHoldsResponse.newBuilder();
    List<dev.sagax.settle.OpenHold> page = found.subList(0, Math.min(size, found.size()));
    page.forEach(hold -> response.addHolds(open(hold, nowMicros)));
    if (found.size() > size) {
      response.setNextPageToken(token.apply(Journal.HoldPlace.of(page.getLast())));
    }
    return response.build();
  }

  /**
   * @param found one more than the page, if there is a next page
   * @param token asks for what comes behind an account
   */
  static ListFrozenAccountsResponse frozen(
      List<AccountFreeze> found, int size, UnaryOperator<String> token) {
    ListFrozenAccountsResponse.Builder response = ListFrozenAccountsResponse.newBuilder();
    List<AccountFreeze> page = found.subList(0, Math.min(size, found.size()));
    page.forEach(freeze ->
        response.addAccounts(
            FrozenAccount.newBuilder()
                .setAccount(freeze.account())
                .setOperator(freeze.operator())
                .setReason(freeze.reason())
                .setTimeMicros(freeze.timeMicros())));
    if (found.size() > size) {
      response.setNextPageToken(token.apply(page.getLast().account()));
    }
    return response.build();
  }

  static Journal.HoldPlace place(HoldPlace place) {
    expect(
        DeterministicId.isWellFormed(place.getSubject()),
        Reason.INVALID_ID,
        "after.subject",
        "An id has 32 hexadecimal digits.");
    return new Journal.HoldPlace(place.getTimeMicros(), place.getSubject());
  }

  static Map<FlowPartition, AccountEntry.Place> places(ListEntriesRequest request) {
    Map<FlowPartition, AccountEntry.Place> places = new HashMap<>();
    for (LogPlace place : request.getAfterList()) {
      expect(
          place.getFlow() > 0 && place.getFlow() <= Flow.values().length,
          Reason.INVALID_ID,
          "after.flow",
          "There is no flow " + place.getFlow() + ".");
      places.put(
          new FlowPartition(Flow.values()[place.getFlow() - 1], place.getPartition()),
          new AccountEntry.Place(place.getPosition(), place.getLeg()));
    }
    return places;
  }

  static ListEntriesResponse entries(List<AccountEntry> entries) {
    ListEntriesResponse.Builder response = ListEntriesResponse.newBuilder();
    entries.forEach(entry -> response.addEntries(entry(entry)));
    return response.build();
  }

  private static Entry entry(AccountEntry entry) {
    Entry.Builder shown =
        Entry.newBuilder()
            .setKind(
                switch (entry.kind()) {
                  case HOLD -> EntryKind.ENTRY_KIND_HOLD;
                  case LEG -> EntryKind.ENTRY_KIND_LEG;
                  case DEPOSIT -> EntryKind.ENTRY_KIND_DEPOSIT;
                  case WITHDRAWAL -> EntryKind.ENTRY_KIND_WITHDRAWAL;
                  case WITHDRAWAL_HELD -> EntryKind.ENTRY_KIND_WITHDRAWAL_HELD;
                  case WITHDRAWAL_CONFIRMED -> EntryKind.ENTRY_KIND_WITHDRAWAL_CONFIRMED;
                  case WITHDRAWAL_RETURNED -> EntryKind.ENTRY_KIND_WITHDRAWAL_RETURNED;
                })
            .setSubject(entry.subject())
            .setTimeMicros(entry.timeMicros())
            .setPlace(place(entry.log(), entry.position(), entry.leg()));
    entry
        .changes()
        .forEach(change ->
            shown.addChanges(
                EntryChange.newBuilder()
                    .setAsset(change.asset())
                    .setAvailableUnits(change.availableUnits())
                    .setHeldUnits(change.heldUnits())
                    .setFeeUnits(change.feeUnits())));
    return shown.build();
  }

  private static OpenHold open(dev.sagax.settle.OpenHold hold, long nowMicros) {
    return OpenHold.newBuilder()
        .setOrderId(hold.withdrawal() ? "" : hold.orderId())
        .setTransferId(hold.withdrawal() ? hold.orderId() : "")
        .setAgeMicros(Math.max(0, nowMicros - hold.timeMicros()))
        .setAccount(hold.account())
        .setAsset(hold.asset())
        .setAmountUnits(hold.amountUnits())
        .setLeftUnits(hold.leftUnits())
        .setTimeMicros(hold.timeMicros())
        .build();
  }

  static AuditResponse audit(AuditReport report) {
    AuditResponse.Builder response =
        AuditResponse.newBuilder()
            .setConserved(report.conserved())
            .addAllFindings(report.findings())
            .setJournalEntries(report.journalEntries());
    report.figures().forEach(figures -> response.addAssets(figures(figures)));
    return response.build();
  }

  static dev.sagax.proto.ledger.v1.LedgerState state(LedgerState state) {
    return dev.sagax.proto.ledger.v1.LedgerState.newBuilder()
        .setMode(
            switch (state.mode()) {
              case OPEN -> LedgerMode.LEDGER_MODE_OPEN;
              case CANCEL_ONLY -> LedgerMode.LEDGER_MODE_CANCEL_ONLY;
              case REPLAYING -> LedgerMode.LEDGER_MODE_REPLAYING;
            })
        .setReason(state.reason())
        .setSinceMicros(state.sinceMicros())
        .setEpoch(state.epoch())
        .setVerifiedMicros(state.verifiedMicros())
        .build();
  }

  private static AssetAudit figures(AssetFigures figures) {
    return AssetAudit.newBuilder()
        .setAsset(figures.asset())
        .setSupplyUnits(clamp(figures.supply()))
        .setAvailableUnits(clamp(figures.available()))
        .setHeldUnits(clamp(figures.held()))
        .setFeeUnits(clamp(figures.fees()))
        .setHoldUnits(clamp(figures.holds()))
        .setJournalSumUnits(clamp(figures.journalSum()))
        .build();
  }

  /** A figure beyond a long is only possible with a finding, which names it in full. */
  private static long clamp(BigInteger units) {
    return units.min(MAX).max(MIN).longValueExact();
  }
}
