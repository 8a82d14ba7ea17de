package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.market.v1.MarketAdminServiceGrpc;
import io.grpc.ManagedChannel;

/** Ways into a running exchange, however it runs. */
interface Clients {
  ManagedChannel order();

  ManagedChannel match();

  ManagedChannel settle();

  ManagedChannel asset();

  String token(String account, Scope... scopes);

  /** A new account with every right of a customer. */
  Trader trader(String name);

  default AssetServiceGrpc.AssetServiceBlockingStub operator() {
    return AssetServiceGrpc.newBlockingStub(asset())
        .withInterceptors(TestExchange.bearer(token("operator", Scope.OPERATOR)));
  }

  default MarketAdminServiceGrpc.MarketAdminServiceBlockingStub marketAdmin() {
    return MarketAdminServiceGrpc.newBlockingStub(order())
        .withInterceptors(TestExchange.bearer(token("operator", Scope.OPERATOR)));
  }

  default AuditResponse audit() {
    return LedgerServiceGrpc.newBlockingStub(settle())
        .withInterceptors(TestExchange.bearer(token("operator", Scope.OPERATOR)))
        .audit(AuditRequest.getDefaultInstance());
  }

  /** Every asset is conserved, now. */
  default void assertConserved() {
    AuditResponse audit = audit();
    assertThat(audit.getFindingsList()).isEmpty();
    assertThat(audit.getConserved()).isTrue();
  }
}
