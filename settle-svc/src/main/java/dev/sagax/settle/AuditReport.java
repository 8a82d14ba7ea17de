package dev.sagax.settle;

import java.util.ArrayList;
import java.util.List;

/**
 * What an audit found.
 *
 * @param findings what is wrong, in whole sentences
 * @param figures by asset
 * @param sameMoment what was read of ledger and journal is of one moment, so the findings are exact
 */
public record AuditReport(
    List<String> findings, List<AssetFigures> figures, long journalEntries, boolean sameMoment) {

  public boolean conserved() {
    return findings.isEmpty();
  }

  /** This report, with other findings before and after its own. */
  AuditReport with(List<String> first, List<String> last) {
    List<String> all = new ArrayList<>(first);
    all.addAll(findings);
    all.addAll(last);
    return new AuditReport(List.copyOf(all), figures, journalEntries, sameMoment);
  }
}
