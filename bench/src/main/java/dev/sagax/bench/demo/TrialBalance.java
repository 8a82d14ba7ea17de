package dev.sagax.bench.demo;

import dev.sagax.proto.ledger.v1.AssetAudit;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.market.v1.ListMarketsRequest;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc.MarketDataServiceBlockingStub;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/** The journal's sums by asset, in whole units of the asset. */
final class TrialBalance {
  private final AuditResponse audit;
  private final Tape tape;
  private final Map<String, Integer> scales = new HashMap<>();

  TrialBalance(MarketDataServiceBlockingStub markets, AuditResponse audit, Tape tape) {
    this.audit = audit;
    this.tape = tape;
    markets
        .listMarkets(ListMarketsRequest.getDefaultInstance())
        .getMarketsList()
        .forEach(market -> {
          scales.put(market.getBaseAsset(), market.getBaseScale());
          scales.put(market.getQuoteAsset(), market.getQuoteScale());
        });
  }

  void print() {
    tape.heading("Trial balance of the journal, %d entries".formatted(audit.getJournalEntries()));
    tape.row("", "supply", "available", "held", "open holds", "fees", "journal sum");
    for (AssetAudit asset : audit.getAssetsList()) {
      tape.row(
          asset.getAsset(),
          decimal(asset, asset.getSupplyUnits()),
          decimal(asset, asset.getAvailableUnits()),
          decimal(asset, asset.getHeldUnits()),
          decimal(asset, asset.getHoldUnits()),
          decimal(asset, asset.getFeeUnits()),
          decimal(asset, asset.getJournalSumUnits()));
    }
  }

  void expect(String name, String supply, String available, String held, String fees) {
    for (AssetAudit asset : audit.getAssetsList()) {
      if (asset.getAsset().equals(name)) {
        number(asset, "supply", supply, asset.getSupplyUnits());
        number(asset, "available", available, asset.getAvailableUnits());
        number(asset, "held", held, asset.getHeldUnits());
        number(asset, "open holds", held, asset.getHoldUnits());
        number(asset, "fees", fees, asset.getFeeUnits());
        number(asset, "journal sum", "0", asset.getJournalSumUnits());
        return;
      }
    }
    tape.expect(name + " in the audit", "its figures", "nothing");
  }

  private void number(AssetAudit asset, String what, String expected, long units) {
    tape.expectNumber(asset.getAsset() + " " + what, expected, decimal(asset, units));
  }

  private String decimal(AssetAudit asset, long units) {
    int scale = scales.getOrDefault(asset.getAsset(), 0);
    return BigDecimal.valueOf(units, scale).stripTrailingZeros().toPlainString();
  }
}
