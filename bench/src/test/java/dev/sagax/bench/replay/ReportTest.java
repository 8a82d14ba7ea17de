package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.replay.Replay.Snapshot;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.order.v1.OrderStatus;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final AuditResponse CONSERVED =
      AuditResponse.newBuilder().setConserved(true).build();
  private static final Snapshot NOTHING = new Snapshot(Map.of(), Map.of(), Map.of(), 0);

  private final StringWriter text = new StringWriter();
  private final OrderFile orders = OrderFile.read(RecordedFiles.path("orders.csv"), Long.MAX_VALUE);
  private final Map<String, List<RecordedTrade>> trades =
      RecordedTrade.read(RecordedFiles.path("trades.csv"));
  private final Report report = new Report(new PrintWriter(text), orders, trades, null);

  @Test
  void equalTradesAreAllRight() {
    assertThat(report.closing(NOTHING, after(trades, OrderStatus.ORDER_STATUS_OPEN), CONSERVED))
        .isTrue();
    assertThat(text.toString())
        .contains("trades   16, exactly as recorded  [ok]")
        .contains("Trades: 0 before, 16 after. Placements known before: 0 of 3,195.")
        .contains("All is as it should be.");
  }

  @Test
  void theFirstTenDifferencesAreNamed() {
    Snapshot after = after(Map.of(), OrderStatus.ORDER_STATUS_OPEN);

    assertThat(report.closing(NOTHING, after, CONSERVED)).isFalse();
    assertThat(text.toString())
        .contains("trades   0, 16 differences  [WRONG]")
        .contains("NMR-EUR trade 1: recorded BUY 0.148 at 67.021, maker cb-1778, made none.")
        .contains("and 6 more")
        .contains("NOT all is as it should be.");
  }

  @Test
  void aRejectedOrMissingOrderIsWrong() {
    assertThat(report.closing(NOTHING, after(trades, OrderStatus.ORDER_STATUS_REJECTED), CONSERVED))
        .isFalse();
    assertThat(report.closing(NOTHING, new Snapshot(trades, Map.of(), Map.of(), 7), CONSERVED))
        .isFalse();
  }

  @Test
  void anAuditThatFindsSomethingIsWrong() {
    AuditResponse finding =
        AuditResponse.newBuilder().addFindings("BTC: 1 unit is missing.").build();

    assertThat(report.closing(NOTHING, after(trades, OrderStatus.ORDER_STATUS_OPEN), finding))
        .isFalse();
    assertThat(text.toString()).contains("NOT conserved", "BTC: 1 unit is missing.");
  }

  @Test
  void oneMoreTradeIsNotNothingChanged() {
    Snapshot after = after(trades, OrderStatus.ORDER_STATUS_OPEN);
    Map<String, List<RecordedTrade>> fewer = new java.util.TreeMap<>(trades);
    fewer.computeIfPresent("NMR-EUR", (market, all) -> new ArrayList<>(all.subList(1, all.size())));

    report.closing(after(fewer, OrderStatus.ORDER_STATUS_OPEN), after, CONSERVED);
    assertThat(text.toString()).contains("Trades: 15 before, 16 after").doesNotContain("nothing");

    report.closing(after, after, CONSERVED);
    assertThat(text.toString())
        .contains(
            "Replayed again: nothing changed (all 3,195 placements were known, no new trade).");
  }

  private Snapshot after(Map<String, List<RecordedTrade>> made, OrderStatus status) {
    int places = orders.places().size();
    return new Snapshot(made, Map.of(), Map.of(status, places), places);
  }
}
