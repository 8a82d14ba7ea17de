package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Alice has a deposit before the journal is folded; then she places holds and gets them back. */
class LedgerCutTest {
  private static final FlowPartition HOLDS = new FlowPartition(Flow.HOLD, 0);
  private static final FlowPartition OUTCOMES = new FlowPartition(Flow.SETTLE, 0);
  private static final FlowPartition DEPOSITS = new FlowPartition(Flow.TRANSFER, 0);

  /** More than a ninth of what a long counts: ten of these at once are more than it can. */
  private static final long LARGE = 1_000_000_000_000_000_000L;

  private final Map<FlowPartition, Long> marks = new HashMap<>();
  private final Map<FlowPartition, List<JournalLine>> lines = new LinkedHashMap<>();
  private final List<LedgerPage> pages = new ArrayList<>();
  private final Map<LedgerPage.HoldKey, LedgerPage.HoldFields> open = new LinkedHashMap<>();
  private JournalImage folded;
  private long supply;
  private long available;
  private long held;

  @BeforeEach
  void empty() {
    marks.putAll(Map.of(HOLDS, -1L, OUTCOMES, 0L, DEPOSITS, -1L));
    lines.put(OUTCOMES, new ArrayList<>());
    lines.put(HOLDS, new ArrayList<>());
  }

  @Test
  void whatIsPlacedAndReleasedAgainAndAgainFitsThoughAllOfItAtOnceDoesNot() {
    deposited(LARGE);
    pageOfAlice();
    for (int n = 0; n < 11; n++) {
      place("o" + n, LARGE);
      release("o" + n, LARGE);
    }
    lastPage();

    assertThat(cut().report().findings()).isEmpty();
  }

  @Test
  void unitThatIsMissingIsFoundThoughTheBalanceWasOutOfRangeInBetween() {
    deposited(LARGE);
    available -= 1;
    pageOfAlice();
    for (int n = 0; n < 11; n++) {
      place("o" + n, LARGE);
      release("o" + n, LARGE);
    }
    lastPage();

    assertThat(cut().report().findings())
        .contains(
            "Account alice has %d KRW available and 0 held in the ledger, but %d and 0 by the journal."
                .formatted(LARGE - 1, LARGE));
  }

  @Test
  void lineThatThePageHasAlreadyIsNotAddedToItAgain() {
    deposited(1_000);
    place("early", 300);
    pageOfAlice();
    place("late", 200);
    lastPage();

    assertThat(cut().report().findings()).isEmpty();
  }

  @Test
  void outcomeEndsAHoldThatWasPlacedAfterTheFoldToo() {
    deposited(1_000);
    place("ends", 300);
    place("stays", 200);
    release("ends", 300);
    pageOfAlice();
    lastPage();

    assertThat(cut().report().findings()).isEmpty();
  }

  // ---- what the ledger does, and the journal after it

  private void deposited(long units) {
    marks.put(DEPOSITS, 0L);
    supply = units;
    available = units;
    folded =
        new JournalImage(
            Map.copyOf(marks),
            Map.of("alice", Map.of("KRW", new JournalImage.Folded(big(units), BigInteger.ZERO))),
            Map.of("KRW", Map.of(Bucket.AVAILABLE, big(units), Bucket.EXTERNAL, big(-units))),
            List.of(),
            List.of(),
            2);
  }

  private void place(String order, long units) {
    available -= units;
    held += units;
    open.put(new LedgerPage.HoldKey(0, order), new LedgerPage.HoldFields(units, units));
    add(HOLDS, order, new JournalLine.Move("KRW", -units, units, 0, 0));
  }

  private void release(String order, long units) {
    available += units;
    held -= units;
    open.remove(new LedgerPage.HoldKey(0, order));
    add(OUTCOMES, order, new JournalLine.Move("KRW", units, -units, 0, 0));
  }

  private void add(FlowPartition log, String order, JournalLine.Move move) {
    long position = marks.merge(log, 1L, Long::sum);
    lines.get(log).add(new JournalLine(position, 0, "alice", order, List.of(move), 1, 0));
  }

  // ---- how it is read

  private void pageOfAlice() {
    page(Map.of("alice", Map.of("KRW", new Balance("KRW", available, held))), Map.copyOf(open));
  }

  private void lastPage() {
    page(Map.of(), Map.of());
  }

  private void page(
      Map<String, Map<String, Balance>> accounts,
      Map<LedgerPage.HoldKey, LedgerPage.HoldFields> holds) {
    pages.add(
        new LedgerPage(
            "1",
            "",
            Map.copyOf(marks),
            Map.of(0, 2L * open.size()),
            Map.of("KRW", supply),
            Map.of(),
            accounts,
            holds));
  }

  private LedgerCut cut() {
    LedgerCut cut = new LedgerCut(folded, pages);
    for (FlowPartition log : LedgerCut.inOrder(Set.copyOf(lines.keySet()))) {
      cut.begin(log);
      lines.get(log).forEach(line -> cut.add(log, line));
      cut.end(marks.get(log));
    }
    return cut;
  }

  private static BigInteger big(long units) {
    return BigInteger.valueOf(units);
  }
}
