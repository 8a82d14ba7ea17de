package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares a ledger that no service writes to with its journal. Changes nothing. */
public final class LedgerVerification {
  private static final String AHEAD =
      "The ledger has applied records that are not journaled yet, or somebody works on it now: findings below may only be of these. Start the exchange, which journals them, and verify again.";

  private final Journal journal;
  private final LedgerSite site;

  public LedgerVerification(Journal journal, LedgerSite site) {
    this.journal = journal;
    this.site = site;
  }

  public Future<AuditReport> run() {
    return site.doubt(journal)
        .compose(doubt ->
            site.image()
                .compose(ledger -> journal.image().map(folded -> Audit.of(ledger, folded)))
                .map(report -> with(doubt, report)));
  }

  private static AuditReport with(Optional<String> doubt, AuditReport report) {
    List<String> findings = new ArrayList<>();
    doubt.ifPresent(findings::add);
    if (doubt.isEmpty() && !report.sameMoment() && !report.conserved()) {
      findings.add(AHEAD);
    }
    return report.with(findings, List.of());
  }
}
