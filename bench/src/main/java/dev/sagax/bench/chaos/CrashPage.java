package dev.sagax.bench.chaos;

import dev.sagax.bench.chaos.Finding.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A run as a part of a page of the docs: how it was made, what came of it, and its table. */
final class CrashPage {
  private final String command;
  private final Collection<Round> rounds;
  private final Set<Finding> findings = new LinkedHashSet<>();
  private final Map<String, String> totals = new LinkedHashMap<>();

  /**
   * @param command what makes the run again
   * @param atTheEnd what was wrong after the last round
   */
  CrashPage(String command, Collection<Round> rounds, Collection<Finding> atTheEnd) {
    this.command = command;
    this.rounds = rounds;
    rounds.forEach(round -> findings.addAll(round.findings())); // of two at once, both say the same
    findings.addAll(atTheEnd);
    total("faults tried", "%,d", rounds.size());
    total("of them hit work under way", "%,d", rounds.stream().filter(Round::hit).count());
    total("lost", "%,d", count(Kind.LOST));
    total("doubled", "%,d", count(Kind.DOUBLED));
    total("stuck", "%,d", count(Kind.STUCK));
    total("other contradictions", "%,d", count(Kind.WRONG));
    long longest = rounds.stream().mapToLong(Round::quietMillis).max().orElse(0);
    total(
        "longest time from the last healing of a round until all was quiet",
        "%.1f s",
        longest / 1e3);
  }

  private void total(String name, String format, Object value) {
    totals.put(name, String.format(Locale.ROOT, format, value));
  }

  private long count(Kind kind) {
    return findings.stream()
        .filter(finding -> finding.kind() == kind)
        .mapToLong(Finding::count)
        .sum();
  }

  /** What clients did meanwhile. */
  CrashPage under(Told told) {
    total("answers to clients", "%,d", told.answers());
    total("calls that clients made again", "%,d", told.repeats());
    total("orders that clients were answered about", "%,d", told.acknowledged().size());
    total("transfers that clients were told the decision of", "%,d", told.transfers());
    return this;
  }

  String markdown() {
    List<String> lines = new ArrayList<>();
    lines.addAll(List.of("```", command, "```", "", "| of the whole run | |", "|---|---|"));
    totals.forEach((name, value) -> lines.add("| %s | %s |".formatted(name, value)));
    lines.add("");
    if (!findings.isEmpty()) {
      lines.add("It FAILED:");
      lines.add("");
      findings.forEach(finding -> lines.add("- " + finding.sentence().replace('\n', ' ')));
      lines.add("");
    }
    return String.join("\n", lines) + "\n" + new CrashTable(rounds).markdown();
  }
}
