package dev.sagax.settle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Ledger and journal at one moment, made of parts that were read one after the other while
 * everything moved. The moment is that of the last page. The journal, folded in a snapshot before
 * the first page, gets the lines up to there; what was read on an earlier page gets those of them
 * that the ledger applied after that page. So a difference stays a difference, and what moves makes
 * none.
 *
 * <p>Lines come log after log, see {@link #inOrder}.
 */
final class LedgerCut {
  private static final Comparator<FlowPartition> HOLDS_FIRST =
      Comparator.comparing(FlowPartition::flow).thenComparing(FlowPartition::partition);

  private final JournalImage folded;
  private final List<LedgerPage> pages;
  private final CheckpointMove since;
  private final Map<String, LedgerPage> pageOfAccount = new HashMap<>();
  private final Map<LedgerPage.HoldKey, LedgerPage> pageOfHold = new HashMap<>();
  private final Map<String, Map<String, Balance>> accounts = new TreeMap<>();
  private final Map<String, LedgerImage.HoldFigures> holds = new HashMap<>();
  private final Map<String, OpenHold> open = new LinkedHashMap<>();
  private final Set<String> moved = new LinkedHashSet<>();
  private long entries;

  /**
   * @param folded before the first page was read
   * @param pages one after the other. The first was read before accounts and holds were listed: who
   *     is on none of the pages, had nothing at its moment
   */
  LedgerCut(JournalImage folded, List<LedgerPage> pages) {
    this.folded = folded;
    this.pages = pages;
    this.since = new CheckpointMove(checkpoint(folded));
    this.entries = folded.entries();
    pages.forEach(this::put);
    folded.openHolds().forEach(hold -> open.put(hold.orderId(), hold));
  }

  private static Checkpoint checkpoint(JournalImage folded) {
    Map<FlowPartition, Checkpoint.Mark> marks = new HashMap<>();
    folded.positions().forEach((log, position) -> marks.put(log, new Checkpoint.Mark(position, 0)));
    return new Checkpoint(0, 0, marks, Map.of());
  }

  private void put(LedgerPage page) {
    page.accounts()
        .forEach((account, balances) -> {
          pageOfAccount.put(account, page);
          accounts.put(account, new TreeMap<>(balances));
        });
    page.holds()
        .forEach((key, fields) -> {
          pageOfHold.put(key, page);
          if (fields.heldUnits() != null) {
            long left = fields.leftUnits() == null ? 0 : fields.leftUnits();
            holds.put(key.orderId(), new LedgerImage.HoldFigures(fields.heldUnits(), left));
          }
        });
  }

  /**
   * In which order the logs are added, those of the holds before the settled ones: an outcome
   * settles only what was placed before it.
   */
  static List<FlowPartition> inOrder(Collection<FlowPartition> logs) {
    return logs.stream().sorted(HOLDS_FIRST).toList();
  }

  /** Lines of this log follow, from where it was folded on. */
  void begin(FlowPartition log) {
    since.begin(log);
  }

  void add(FlowPartition log, JournalLine line) {
    since.add(line);
    entries += line.entries();
    if (isAfter(pageOfAccount.get(line.account()), log, line)) {
      line.moves().forEach(move -> add(line.account(), move));
    }
    switch (log.flow()) {
      case HOLD -> place(log, line);
      case SETTLE -> settle(log, line);
      case TRANSFER -> withdraw(log, line);
    }
  }

  /** That was the last line of the log, up to the last page's moment. */
  void end(long position) {
    since.end(position);
  }

  private boolean isAfter(LedgerPage page, FlowPartition log, JournalLine line) {
    return line.position() > (page == null ? pages.getFirst() : page).marks().get(log);
  }

  private void add(String account, JournalLine.Move move) {
    accounts
        .computeIfAbsent(account, a -> new TreeMap<>())
        .merge(
            move.asset(), new Balance(move.asset(), move.available(), move.held()), LedgerCut::sum);
  }

  /**
   * May leave a long's range in between and come back: log after log, all holds of an account are
   * placed before the first of them is released. What is right at the end fits and comes out exact;
   * what does not fit comes out as another number than the journal's, which has no bounds.
   */
  private static Balance sum(Balance a, Balance b) {
    return new Balance(
        a.asset(), a.availableUnits() + b.availableUnits(), a.heldUnits() + b.heldUnits());
  }

  /** What is left to be filled is not in the line; see {@link #movedHolds}. */
  private void place(FlowPartition log, JournalLine line) {
    if (line.holds() == 0) {
      return; // It was refused.
    }
    String order = line.subject();
    JournalLine.Move move = line.moves().getFirst();
    moved.add(order);
    open.put(
        order,
        new OpenHold(order, log.partition(), line.account(), move.asset(), move.held(), 0, 0));
    if (isAfter(pageOfHold.get(key(log, line)), log, line)) {
      holds.put(order, new LedgerImage.HoldFigures(move.held(), 0));
    }
  }

  /** A withdrawal is held, or ends; deposits and refusals have to do with no hold. */
  private void withdraw(FlowPartition log, JournalLine line) {
    if (line.holds() > 0) {
      place(log, line);
    } else if (line.holds() < 0) {
      settle(log, line);
    }
  }

  private void settle(FlowPartition log, JournalLine line) {
    long taken = line.moves().stream().mapToLong(JournalLine.Move::held).reduce(0, Math::addExact);
    boolean ends = line.holds() != 0;
    String order = line.subject();
    moved.add(order);
    open.computeIfPresent(
        order, (id, hold) -> ends ? null : hold.of(Math.addExact(hold.amountUnits(), taken), 0));
    if (isAfter(pageOfHold.get(key(log, line)), log, line)) {
      holds.computeIfPresent(
          order,
          (id, hold) ->
              ends
                  ? null
                  : new LedgerImage.HoldFigures(
                      Math.addExact(hold.amountUnits(), taken), hold.leftUnits()));
    }
  }

  private static LedgerPage.HoldKey key(FlowPartition log, JournalLine line) {
    return new LedgerPage.HoldKey(log.partition(), line.subject());
  }

  /**
   * Open holds that were placed or settled since the journal was folded. Of these the lines do not
   * say what is left to be filled, so it is not compared here.
   */
  List<LedgerPage.HoldKey> movedHolds() {
    return moved.stream()
        .map(open::get)
        .filter(hold -> hold != null)
        .map(hold -> new LedgerPage.HoldKey(hold.partition(), hold.orderId()))
        .toList();
  }

  /** Audits all of it. */
  AuditReport report() {
    return Audit.of(ledger(), journal()).with(doubts(), doubtsOfHolds());
  }

  /** What is wrong with the whole, in whole sentences. */
  private List<String> doubts() {
    Set<String> doubts = new LinkedHashSet<>();
    pages.forEach(page -> doubts.addAll(page.doubts(folded.positions())));
    doubts.addAll(since.findings());
    return List.copyOf(doubts);
  }

  /** Halves of holds, and holds in a partition that is not theirs. */
  private List<String> doubtsOfHolds() {
    Map<Integer, Long> counts = new HashMap<>();
    open.values().forEach(hold -> counts.merge(hold.partition(), 1L, Math::addExact));
    LedgerPage last = pages.getLast();
    return last.holdFields().keySet().stream()
        .flatMap(
            partition -> last.doubtOfHolds(partition, counts.getOrDefault(partition, 0L)).stream())
        .toList();
  }

  private LedgerImage ledger() {
    LedgerPage last = pages.getLast();
    return new LedgerImage(last.marks(), last.marks(), last.supply(), last.fees(), accounts, holds);
  }

  private JournalImage journal() {
    return new JournalImage(
        pages.getLast().marks(),
        foldedAccounts(),
        foldedSums(),
        openHolds(),
        folded.contradictions(),
        entries);
  }

  private Map<String, Map<String, JournalImage.Folded>> foldedAccounts() {
    Map<String, Map<String, JournalImage.Folded>> all = new TreeMap<>(folded.accounts());
    since
        .accounts()
        .forEach((account, balances) -> {
          Map<String, JournalImage.Folded> sums =
              new TreeMap<>(all.getOrDefault(account, Map.of()));
          balances.forEach((asset, more) -> sums.merge(asset, more, JournalImage.Folded::plus));
          all.put(account, sums);
        });
    return all;
  }

  private Map<String, Map<Bucket, BigInteger>> foldedSums() {
    Map<String, Map<Bucket, BigInteger>> all = new TreeMap<>();
    folded
        .sums()
        .forEach(
            (asset, buckets) -> buckets.forEach((bucket, units) -> add(all, asset, bucket, units)));
    since
        .accounts()
        .values()
        .forEach(balances ->
            balances.forEach((asset, more) -> {
              add(all, asset, Bucket.AVAILABLE, more.available());
              add(all, asset, Bucket.HELD, more.held());
            }));
    since
        .sums()
        .forEach((asset, more) -> {
          add(all, asset, Bucket.FEES, more.fees());
          add(all, asset, Bucket.EXTERNAL, more.external());
        });
    return all;
  }

  private static void add(
      Map<String, Map<Bucket, BigInteger>> all, String asset, Bucket bucket, BigInteger units) {
    all.computeIfAbsent(asset, a -> new EnumMap<>(Bucket.class))
        .merge(bucket, units, BigInteger::add);
  }

  /** Of a hold that has moved, what is left is taken from the ledger. */
  private List<OpenHold> openHolds() {
    List<OpenHold> all = new ArrayList<>(open.size());
    open.forEach((order, hold) -> {
      LedgerImage.HoldFigures inLedger = moved.contains(order) ? holds.get(order) : null;
      all.add(inLedger == null ? hold : hold.of(hold.amountUnits(), inLedger.leftUnits()));
    });
    return all;
  }
}
