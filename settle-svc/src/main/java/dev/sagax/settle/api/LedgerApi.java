package dev.sagax.settle.api;

import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.PageSize;
import dev.sagax.platform.rpc.PageToken;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.ledger.v1.GetAccountCutRequest;
import dev.sagax.proto.ledger.v1.GetAccountCutResponse;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.GetLedgerStateRequest;
import dev.sagax.proto.ledger.v1.GetLedgerStateResponse;
import dev.sagax.proto.ledger.v1.HoldRequest;
import dev.sagax.proto.ledger.v1.HoldResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcService;
import dev.sagax.proto.ledger.v1.ListEntriesRequest;
import dev.sagax.proto.ledger.v1.ListEntriesResponse;
import dev.sagax.proto.ledger.v1.ListFrozenAccountsRequest;
import dev.sagax.proto.ledger.v1.ListFrozenAccountsResponse;
import dev.sagax.proto.ledger.v1.ListHoldsRequest;
import dev.sagax.proto.ledger.v1.ListHoldsResponse;
import dev.sagax.proto.ledger.v1.OpenLedgerRequest;
import dev.sagax.proto.ledger.v1.OpenLedgerResponse;
import dev.sagax.settle.AccountCuts;
import dev.sagax.settle.AuditDesk;
import dev.sagax.settle.HoldDesk;
import dev.sagax.settle.Journal;
import dev.sagax.settle.Ledger;
import dev.sagax.settle.LedgerGate;
import dev.sagax.settle.LedgerStates;
import dev.sagax.settle.store.PgAccountEntries;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** {@code sagax.ledger.v1.LedgerService}. */
public final class LedgerApi {
  private static final int DEFAULT_PAGE = 100;
  private static final int MAX_PAGE = 1_000;

  private final int partitions;
  private final HoldDesk holds;
  private final AuditDesk audits;
  private final Ledger ledger;
  private final Journal journal;
  private final Journal longReads;
  private final LedgerStates states;
  private final LedgerGate gate;
  private final PgAccountEntries entries;
  private final AccountCuts cuts;
  private final InstantSource clock;

  /**
   * @param longReads the journal for what passes over all of it, so that nothing waits for that
   */
  public LedgerApi(
      int partitions,
      HoldDesk holds,
      AuditDesk audits,
      Ledger ledger,
      Journal journal,
      Journal longReads,
      LedgerStates states,
      LedgerGate gate,
      PgAccountEntries entries,
      AccountCuts cuts,
      InstantSource clock) {
    this.partitions = partitions;
    this.holds = holds;
    this.audits = audits;
    this.ledger = ledger;
    this.journal = journal;
    this.longReads = longReads;
    this.states = states;
    this.gate = gate;
    this.entries = entries;
    this.cuts = cuts;
    this.clock = clock;
  }

  public void register(GrpcEdge edge) {
    edge.unary(LedgerServiceGrpcService.Hold, this::hold)
        .unary(LedgerServiceGrpcService.GetBalances, this::getBalances)
        .unary(LedgerServiceGrpcService.ListHolds, this::listHolds)
        .unary(LedgerServiceGrpcService.ListFrozenAccounts, this::listFrozenAccounts)
        .unary(LedgerServiceGrpcService.ListEntries, this::listEntries)
        .unary(LedgerServiceGrpcService.GetAccountCut, this::getAccountCut)
        .unary(LedgerServiceGrpcService.Audit, this::audit)
        .unary(LedgerServiceGrpcService.GetLedgerState, this::getLedgerState)
        .unary(LedgerServiceGrpcService.OpenLedger, this::openLedger);
  }

  private Future<HoldResponse> hold(Call call, HoldRequest request) {
    return holds
        .place(LedgerMapper.batch(request, partitions))
        .map(verdicts -> LedgerMapper.response(request, verdicts));
  }

  private Future<GetBalancesResponse> getBalances(Call call, GetBalancesRequest request) {
    if (request.getAccount().isEmpty()) {
      throw Refusal.ofField(Reason.FIELD_REQUIRED, "account", "Expected an account.").asException();
    }
    return ledger.balances(request.getAccount()).map(LedgerMapper::balances);
  }

  private Future<ListHoldsResponse> listHolds(Call call, ListHoldsRequest request) {
    int size = PageSize.of(request.getPageSize(), DEFAULT_PAGE, MAX_PAGE);
    List<String> list =
        List.of("ListHolds", request.getAccount(), Long.toString(request.getMinAgeMicros()));
    Journal.HoldPlace after =
        request.hasAfter()
            ? LedgerMapper.place(request.getAfter())
            : PageToken.read(list, request.getPageToken(), LedgerApi::toPlace)
                .orElse(Journal.HoldPlace.TOP);
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    long placedTo =
        request.getMinAgeMicros() <= 0 ? Long.MAX_VALUE : now - request.getMinAgeMicros();
    return longReads
        .openHolds(request.getAccount(), placedTo, after, size + 1)
        .map(
            found -> LedgerMapper.page(found, size, now, last -> PageToken.of(list, toText(last))));
  }

  private static String toText(Journal.HoldPlace place) {
    return place.timeMicros() + " " + place.subject();
  }

  private static Journal.HoldPlace toPlace(String text) {
    String[] parts = text.split(" ", 2);
    if (parts.length < 2 || !DeterministicId.isWellFormed(parts[1])) {
      throw new IllegalArgumentException("Expected a time and an id.");
    }
    return new Journal.HoldPlace(Long.parseLong(parts[0]), parts[1]);
  }

  private Future<ListFrozenAccountsResponse> listFrozenAccounts(
      Call call, ListFrozenAccountsRequest request) {
    int size = PageSize.of(request.getPageSize(), DEFAULT_PAGE, MAX_PAGE);
    List<String> list = List.of("ListFrozenAccounts");
    String after = PageToken.read(list, request.getPageToken(), text -> text).orElse("");
    return journal
        .frozenAccounts(after, size + 1)
        .map(found -> LedgerMapper.frozen(found, size, last -> PageToken.of(list, last)));
  }

  private Future<ListEntriesResponse> listEntries(Call call, ListEntriesRequest request) {
    if (request.getAccount().isEmpty()) {
      throw Refusal.ofField(Reason.FIELD_REQUIRED, "account", "Expected an account.").asException();
    }
    return entries
        .of(
            request.getAccount(),
            LedgerMapper.places(request),
            PageSize.of(request.getLimit(), DEFAULT_PAGE, MAX_PAGE))
        .map(LedgerMapper::entries);
  }

  private Future<GetAccountCutResponse> getAccountCut(Call call, GetAccountCutRequest request) {
    if (request.getAccount().isEmpty()) {
      throw Refusal.ofField(Reason.FIELD_REQUIRED, "account", "Expected an account.").asException();
    }
    return cuts.of(request.getAccount()).map(LedgerMapper::cut);
  }

  private Future<AuditResponse> audit(Call call, AuditRequest request) {
    return audits.audit().map(LedgerMapper::audit);
  }

  private Future<GetLedgerStateResponse> getLedgerState(Call call, GetLedgerStateRequest request) {
    return states
        .current()
        .map(state ->
            GetLedgerStateResponse.newBuilder().setState(LedgerMapper.state(state)).build());
  }

  private Future<OpenLedgerResponse> openLedger(Call call, OpenLedgerRequest request) {
    return gate.open(call.account())
        .map(state -> OpenLedgerResponse.newBuilder().setState(LedgerMapper.state(state)).build());
  }
}
