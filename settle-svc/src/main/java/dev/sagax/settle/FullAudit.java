package dev.sagax.settle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Audits everything, at one moment, while everything moves:
 *
 * <pre>
 *   fold the journal, in one snapshot -> list accounts and holds, those of the ledger too
 *     -> read them in pages, each at one moment -> wait until the journal has what the last page has
 *     -> bring all to the moment of the last page -> audit
 * </pre>
 *
 * It trusts no checkpoint and repeats nothing, and fails only if the ledger or the journal cannot
 * say now. All calls on one event loop.
 */
public final class FullAudit {
  private static final int SOME = 1_000;

  /** A step that died between ledger and journal is taken over in less. */
  private static final long WAIT_MILLIS = 30_000;

  private final Vertx vertx;
  private final Journal journal;
  private final LedgerPages ledger;
  private final int partitions;
  private final PageSequence pages;
  private final JournalArrival arrival;
  private final JournalReader lines;
  private final HoldCheck holds;

  public FullAudit(
      Vertx vertx,
      Journal journal,
      AuditJournal lines,
      LedgerPages ledger,
      int partitions,
      InstantSource clock) {
    this(vertx, journal, lines, ledger, partitions, clock, WAIT_MILLIS);
  }

  /**
   * @param waitMillis how long it waits for the journal to have what the ledger has applied
   */
  FullAudit(
      Vertx vertx,
      Journal journal,
      AuditJournal lines,
      LedgerPages ledger,
      int partitions,
      InstantSource clock,
      long waitMillis) {
    this.vertx = vertx;
    this.journal = journal;
    this.ledger = ledger;
    this.partitions = partitions;
    this.pages = new PageSequence(ledger, partitions);
    this.arrival = new JournalArrival(vertx, lines, clock, waitMillis);
    this.lines = new JournalReader(lines);
    this.holds = new HoldCheck(lines);
  }

  /**
   * @return fails with {@link LedgerUnavailableException} if the ledger is rebuilt meanwhile, or
   *     has applied what does not come into the journal
   */
  public Future<AuditReport> run() {
    return epoch()
        .compose(epoch ->
            journal
                .image()
                .compose(folded -> audit(epoch, folded))
                .recover(FullAudit::damaged)
                .compose(report -> ifStill(epoch, report)));
  }

  private Future<Long> epoch() {
    return journal.state().map(state -> state.epoch().orElse(0));
  }

  private static Future<AuditReport> damaged(Throwable failure) {
    return Damage.in(failure)
        .map(finding ->
            Future.succeededFuture(new AuditReport(List.of(finding), List.of(), 0, true)))
        .orElseGet(() -> Future.failedFuture(failure));
  }

  /**
   * A rebuild after the last page takes the ledger back to the journal; what is decided again then,
   * perhaps otherwise, has the same positions as what the pages show.
   */
  private Future<AuditReport> ifStill(long epoch, AuditReport report) {
    return epoch()
        .compose(now ->
            now == epoch
                ? Future.succeededFuture(report)
                : unavailable(
                    "The ledger was rebuilt under epoch %d while it was read.".formatted(now)));
  }

  private Future<AuditReport> audit(long epoch, JournalImage folded) {
    return pages
        .read(List.of(), List.of())
        .compose(first -> listed(folded).compose(this::read).map(rest -> join(first, rest)))
        .compose(all -> whenJournaled(epoch, all))
        .compose(all -> cut(folded, all))
        .compose(cut ->
            vertx.executeBlocking(cut::report).compose(report -> checkMoved(epoch, cut, report)));
  }

  private static List<LedgerPage> join(List<LedgerPage> first, List<LedgerPage> rest) {
    List<LedgerPage> all = new ArrayList<>(first);
    all.addAll(rest);
    return all;
  }

  /** All that ledger or journal know of. */
  private record Listed(LinkedHashSet<String> accounts, LinkedHashSet<LedgerPage.HoldKey> orders) {}

  private Future<Listed> listed(JournalImage folded) {
    Listed all = new Listed(new LinkedHashSet<>(folded.accounts().keySet()), new LinkedHashSet<>());
    folded
        .openHolds()
        .forEach(
            hold -> all.orders().add(new LedgerPage.HoldKey(hold.partition(), hold.orderId())));
    List<Supplier<Future<Void>>> scans = new ArrayList<>();
    scans.add(() -> scan(cursor -> ledger.scanAccounts(cursor, SOME), all.accounts()::add));
    for (int partition = 0; partition < partitions; partition++) {
      int of = partition;
      scans.add(() ->
          scan(
              cursor -> ledger.scanHolds(of, cursor, SOME),
              order -> all.orders().add(new LedgerPage.HoldKey(of, order))));
    }
    return InTurn.all(scans).map(all);
  }

  private static Future<Void> scan(
      Function<String, Future<LedgerPages.Scanned>> part, Consumer<String> use) {
    Promise<Void> done = Promise.promise();
    scanOn(LedgerPages.Scanned.START, part, use, done);
    return done.future();
  }

  /** One promise for all parts: a chain of futures would grow with the ledger. */
  private static void scanOn(
      String cursor,
      Function<String, Future<LedgerPages.Scanned>> part,
      Consumer<String> use,
      Promise<Void> done) {
    part.apply(cursor)
        .onFailure(done::fail)
        .onSuccess(scanned -> {
          scanned.names().forEach(use);
          if (scanned.cursor().equals(LedgerPages.Scanned.START)) {
            done.complete();
          } else {
            scanOn(scanned.cursor(), part, use, done);
          }
        });
  }

  private Future<List<LedgerPage>> read(Listed all) {
    return pages.read(List.copyOf(all.accounts()), List.copyOf(all.orders()));
  }

  /** The pages, when the journal has all that they have. */
  private Future<List<LedgerPage>> whenJournaled(long epoch, List<LedgerPage> all) {
    Optional<String> doubt = PageSequence.doubt(epoch, all);
    if (doubt.isPresent()) {
      return unavailable(doubt.get());
    }
    Map<FlowPartition, Long> marks = all.getLast().marks();
    return arrival
        .of(marks)
        .compose(reached ->
            JournalArrival.missing(marks, reached)
                .map(log ->
                    FullAudit.<List<LedgerPage>>unavailable(
                        JournalArrival.sentence(log, marks.get(log))))
                .orElseGet(() -> Future.succeededFuture(all)));
  }

  private static <T> Future<T> unavailable(String why) {
    return Future.failedFuture(
        new LedgerUnavailableException(why + " The ledger cannot be audited now; ask again."));
  }

  private Future<LedgerCut> cut(JournalImage folded, List<LedgerPage> all) {
    LedgerCut cut = new LedgerCut(folded, all);
    Map<FlowPartition, Long> marks = all.getLast().marks();
    List<Supplier<Future<Void>>> logs = new ArrayList<>();
    for (FlowPartition log : LedgerCut.inOrder(marks.keySet())) {
      long after = folded.positions().getOrDefault(log, log.flow().beforeFirst);
      if (marks.get(log) > after) {
        logs.add(() -> add(cut, log, after, marks.get(log)));
      }
    }
    return InTurn.all(logs).map(cut);
  }

  private Future<Void> add(LedgerCut cut, FlowPartition log, long after, long to) {
    cut.begin(log);
    return lines
        .eachLine(log, after, to, line -> cut.add(log, line))
        .map(v -> {
          cut.end(to);
          return null;
        });
  }

  /** What is left of orders that moved meanwhile is looked at once more, by their rows. */
  private Future<AuditReport> checkMoved(long epoch, LedgerCut cut, AuditReport report) {
    List<LedgerPage.HoldKey> moved = cut.movedHolds();
    if (moved.isEmpty() || !report.conserved()) {
      return Future.succeededFuture(report);
    }
    return pages
        .read(List.of(), moved)
        .compose(all -> whenJournaled(epoch, all))
        .compose(holds::findings)
        .map(findings -> report.with(List.of(), findings));
  }
}
