package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditTest {
  private static final Map<FlowPartition, Long> MARKS =
      Map.of(new FlowPartition(Flow.TRANSFER, 0), 3L);

  @Test
  void ledgerAndJournalThatAgreeHaveNoFindings() {
    AuditReport report = Audit.of(ledger(10, 5, 1, 16), journal(10, 5, 1, 16, 5));

    assertThat(report.findings()).isEmpty();
    assertThat(report.conserved()).isTrue();
    assertThat(report.sameMoment()).isTrue();
    assertThat(report.figures())
        .containsExactly(
            new AssetFigures("KRW", big(16), big(10), big(5), big(1), big(5), BigInteger.ZERO));
  }

  @Test
  void assetThatWasMadeIsFound() {
    AuditReport report = Audit.of(ledger(11, 5, 1, 16), journal(10, 5, 1, 16, 5));

    assertThat(report.findings())
        .contains(
            "KRW is not conserved: the supply is 16, but available 11 + held 5 + fees 1 = 17.",
            "Account alice has 11 KRW available and 5 held in the ledger, but 10 and 5 by the"
                + " journal.",
            "KRW available is 11 in the ledger, but 10 by the journal.");
  }

  @Test
  void holdThatDiffersIsFound() {
    AuditReport report = Audit.of(ledger(10, 5, 1, 16), journal(10, 5, 1, 16, 4));

    assertThat(report.findings())
        .contains(
            "The hold of order o1 is 5 units for 2 left in the ledger, but 4 units for 2 left by"
                + " the journal.",
            "Account alice in KRW has 5 units held, but its open holds sum to 4.");
  }

  @Test
  void journalThatDoesNotBalanceIsFound() {
    AuditReport report = Audit.of(ledger(10, 5, 1, 16), journal(10, 5, 1, 17, 5));

    assertThat(report.findings())
        .contains(
            "The journal's entries in KRW sum to -1, not to zero.",
            "KRW external is -16 in the ledger, but -17 by the journal.");
  }

  @Test
  void imagesOfDifferentMomentsAreToldFromThoseOfOne() {
    JournalImage behind =
        new JournalImage(
            Map.of(new FlowPartition(Flow.TRANSFER, 0), 2L, new FlowPartition(Flow.HOLD, 0), -1L),
            Map.of(),
            Map.of(),
            List.of(),
            List.of(),
            0);

    assertThat(Audit.of(ledger(10, 5, 1, 16), behind).sameMoment()).isFalse();
  }

  private static LedgerImage ledger(long available, long held, long fees, long supply) {
    return new LedgerImage(
        MARKS,
        MARKS,
        Map.of("KRW", supply),
        Map.of("KRW", fees),
        Map.of("alice", Map.of("KRW", new Balance("KRW", available, held))),
        Map.of("o1", new LedgerImage.HoldFigures(held, 2)));
  }

  private static JournalImage journal(
      long available, long held, long fees, long external, long hold) {
    return new JournalImage(
        MARKS,
        Map.of("alice", Map.of("KRW", new JournalImage.Folded(big(available), big(held)))),
        Map.of(
            "KRW",
            Map.of(
                Bucket.AVAILABLE, big(available),
                Bucket.HELD, big(held),
                Bucket.FEES, big(fees),
                Bucket.EXTERNAL, big(-external))),
        List.of(new OpenHold("o1", 0, "alice", "KRW", hold, 2, 0)),
        List.of(),
        7);
  }

  private static BigInteger big(long units) {
    return BigInteger.valueOf(units);
  }
}
