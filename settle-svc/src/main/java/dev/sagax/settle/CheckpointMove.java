package dev.sagax.settle;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a stretch of the journal adds to the checkpoint. Lines come log after log, in the order of
 * their positions. The sums have no bounds: log after log, an account may have placed many holds
 * before the first of them is released.
 */
public final class CheckpointMove {
  private final Checkpoint from;
  private final Map<String, Map<String, JournalImage.Folded>> accounts = new TreeMap<>();
  private final Map<String, Sums> sums = new TreeMap<>();
  private final Map<FlowPartition, Checkpoint.Mark> marks = new HashMap<>();
  private final Map<FlowPartition, JournalPage> lastPages;
  private final List<JournalPage> pages = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();
  private final Map<String, BigInteger> balance = new HashMap<>();
  private JournalPage page;
  private long holds;

  CheckpointMove(Checkpoint from) {
    this.from = from;
    this.lastPages = new HashMap<>(from.lastPages());
    marks.putAll(from.marks());
  }

  /** Lines of this log follow. */
  void begin(FlowPartition log) {
    page = from.lastPage(log);
    holds = from.mark(log).holds();
  }

  void add(JournalLine line) {
    if (line.position() != page.to()) {
      checkBalance();
      if (page.isFull()) {
        pages.add(page);
        page = JournalPage.startingAfter(page.log(), page.to());
      }
    }
    page = page.plus(line);
    holds += line.holds();
    line.moves().forEach(move -> add(line.account(), move));
  }

  private void add(String account, JournalLine.Move move) {
    accounts
        .computeIfAbsent(account, a -> new TreeMap<>())
        .merge(move.asset(), move.ofAccount(), JournalImage.Folded::plus);
    sums.merge(move.asset(), move.ofExchange(), Sums::plus);
    balance.merge(move.asset(), move.sum(), BigInteger::add);
  }

  /** The log has no further line up to this position. */
  void end(long position) {
    checkBalance();
    page = page.upTo(position);
    pages.add(page);
    lastPages.put(page.log(), page);
    marks.put(page.log(), new Checkpoint.Mark(position, holds));
  }

  private void checkBalance() {
    balance.forEach((asset, units) -> {
      if (units.signum() != 0) {
        findings.add(
            "The journal's entries at %s position %d sum to %d %s, not to zero."
                .formatted(page.log(), page.to(), units, asset));
      }
    });
    balance.clear();
  }

  /** What is wrong with these lines, in whole sentences. */
  List<String> findings() {
    return findings;
  }

  /** The checkpoint that was moved. */
  public Checkpoint from() {
    return from;
  }

  /** The checkpoint after the move. */
  Checkpoint to() {
    return new Checkpoint(from.epoch(), from.pass() + 1, marks, lastPages);
  }

  /** How far each log is folded now. */
  public Map<FlowPartition, Checkpoint.Mark> marks() {
    return marks;
  }

  /** What is added to each account's balances. */
  public Map<String, Map<String, JournalImage.Folded>> accounts() {
    return accounts;
  }

  /** What is added to the sums of each asset. */
  public Map<String, Sums> sums() {
    return sums;
  }

  /** Pages that are new or longer. */
  public List<JournalPage> pages() {
    return pages;
  }
}
