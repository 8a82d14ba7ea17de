package dev.sagax.settle;

import java.util.List;

/**
 * What an audit found.
 *
 * @param findings what is wrong, in whole sentences
 * @param figures by asset
 * @param atRest nothing moved while ledger and journal were read, so the findings are exact
 */
public record AuditReport(
    List<String> findings, List<AssetFigures> figures, long journalEntries, boolean atRest) {

  public boolean conserved() {
    return findings.isEmpty();
  }
}
