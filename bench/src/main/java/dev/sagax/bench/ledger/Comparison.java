package dev.sagax.bench.ledger;

import java.io.PrintWriter;
import java.util.List;

/** The figures of an audit, as a person reads them, and what is wrong with them. */
final class Comparison {
  private static final int SHOWN = 10;
  private static final String ROW = "%-8s %24s %24s %24s %20s%n";

  private Comparison() {}

  /** One asset, in units. */
  record Figures(String asset, String supply, String available, String held, String fees) {}

  /**
   * @return whether nothing is wrong
   */
  static boolean print(List<Figures> assets, long entries, List<String> findings, PrintWriter out) {
    out.printf(ROW, "asset", "supply", "available", "held", "fees");
    assets.forEach(a -> out.printf(ROW, a.asset(), a.supply(), a.available(), a.held(), a.fees()));
    out.printf("%d journal entries%n", entries);
    findings.stream().limit(SHOWN).forEach(out::println);
    if (findings.size() > SHOWN) {
      out.printf("... and %d more.%n", findings.size() - SHOWN);
    }
    if (findings.isEmpty()) {
      out.println("Redis equals the journal, and every asset is conserved.");
    }
    out.flush();
    return findings.isEmpty();
  }
}
