package dev.sagax.settle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One pass of the audit that runs by itself:
 *
 * <pre>
 *   take the turn -> fold what was journaled since into the checkpoint
 *     -> read pages of the ledger, each at one moment -> wait until the journal has what they have
 *     -> compare each page with the journal at its moment -> look at old pages of the journal again
 * </pre>
 *
 * Nothing is read as a whole and nothing stands still for it. Its calls run on one event loop.
 */
final class AuditPass {
  private static final long TURN_MICROS = TimeUnit.SECONDS.toMicros(20);

  /** The checkpoint moves after so many positions of a log at the latest. */
  private static final long STRETCH = 20_000;

  private static final long LEAST_ACCOUNTS = 500;
  private static final int LEAST_HOLDS = 200;

  private final AuditJournal journal;
  private final LedgerPages ledger;
  private final AuditRound round = new AuditRound();
  private final String auditor;
  private final int partitions;
  private final InstantSource clock;
  private final PageSequence pages;
  private final JournalArrival arrival;
  private final JournalReader lines;
  private final HoldCheck holds;
  private final JournalScrub scrub;
  private final Standstills standstills;

  /**
   * @param waitMillis how long it waits for the journal to have what the ledger has applied
   */
  AuditPass(
      Vertx vertx,
      AuditJournal journal,
      LedgerPages ledger,
      String auditor,
      int partitions,
      InstantSource clock,
      long waitMillis) {
    this.journal = journal;
    this.ledger = ledger;
    this.auditor = auditor;
    this.partitions = partitions;
    this.clock = clock;
    this.pages = new PageSequence(ledger, partitions);
    this.arrival = new JournalArrival(vertx, journal, clock, waitMillis);
    this.lines = new JournalReader(journal);
    this.holds = new HoldCheck(journal);
    this.scrub = new JournalScrub(journal);
    this.standstills = new Standstills(clock);
  }

  Future<PassOutcome> run() {
    return journal
        .takeTurn(auditor, TURN_MICROS)
        .compose(this::begin)
        .onFailure(failure -> standstills.forget())
        .onSuccess(outcome -> {
          if (outcome instanceof PassOutcome.NotMyTurn) {
            standstills.forget();
          }
        });
  }

  private Future<PassOutcome> begin(Optional<Checkpoint> turn) {
    return turn.isEmpty()
        ? Future.succeededFuture(new PassOutcome.NotMyTurn())
        : journal
            .positions()
            .compose(ends -> fold(turn.get(), ends))
            .recover(failure -> damaged(turn.get(), failure));
  }

  private static Future<PassOutcome> damaged(Checkpoint checkpoint, Throwable failure) {
    return Damage.in(failure)
        .map(finding -> breach(checkpoint, List.of(finding)))
        .orElseGet(() -> Future.failedFuture(failure));
  }

  private Future<PassOutcome> fold(Checkpoint from, Map<FlowPartition, Long> ends) {
    CheckpointMove move = new CheckpointMove(from);
    List<Supplier<Future<Void>>> logs = new ArrayList<>();
    boolean behind = false;
    for (Map.Entry<FlowPartition, Long> end : ends.entrySet()) {
      FlowPartition log = end.getKey();
      long start = from.mark(log).position();
      if (end.getValue() > start) {
        long to = Math.min(end.getValue(), start + STRETCH);
        behind |= to < end.getValue();
        logs.add(() -> fold(move, log, start, to));
      }
    }
    boolean more = behind;
    return InTurn.all(logs)
        .compose(v ->
            move.findings().isEmpty()
                ? moved(move, logs.isEmpty(), more)
                : breach(from, move.findings()));
  }

  private Future<Void> fold(CheckpointMove move, FlowPartition log, long after, long to) {
    move.begin(log);
    return lines
        .eachLine(
            log,
            after,
            to,
            line -> {
              move.add(line);
              round.moved(log, line);
            })
        .map(v -> {
          move.end(to);
          return null;
        });
  }

  private Future<PassOutcome> moved(CheckpointMove move, boolean nothing, boolean behind) {
    if (nothing) {
      return compare(move.from());
    }
    return journal
        .move(move)
        .compose(done -> {
          if (!done) {
            return Future.succeededFuture(new PassOutcome.NotMyTurn());
          }
          return behind ? Future.succeededFuture(new PassOutcome.Behind()) : compare(move.to());
        });
  }

  private Future<PassOutcome> compare(Checkpoint checkpoint) {
    List<String> moved = round.someMovedAccounts();
    List<LedgerPage.HoldKey> movedOrders = round.movedOrders();
    AuditRound.Place place = round.place();
    return ledger
        .doubtfulSettings()
        .compose(doubts ->
            doubts.isEmpty()
                ? candidates(place, moved, movedOrders)
                    .compose(this::read)
                    .compose(pages -> compare(place, checkpoint, pages))
                : breach(checkpoint, doubts))
        .recover(failure -> damaged(checkpoint, failure))
        .onSuccess(outcome -> {
          if (outcome instanceof PassOutcome.Verified) {
            round.seen(place, moved, movedOrders);
            scrub.seen();
          }
        });
  }

  /** What a pass looks at. */
  private record Candidates(
      LinkedHashSet<String> accounts, LinkedHashSet<LedgerPage.HoldKey> orders) {}

  private Future<Candidates> candidates(
      AuditRound.Place place, List<String> moved, List<LedgerPage.HoldKey> movedOrders) {
    Candidates these = new Candidates(new LinkedHashSet<>(moved), new LinkedHashSet<>(movedOrders));
    List<Supplier<Future<Void>>> parts = new ArrayList<>();
    parts.add(() -> addFolded(place, these));
    parts.add(() -> addScanned(place, these));
    for (int partition = 0; partition < partitions; partition++) {
      int of = partition;
      parts.add(() -> addHolds(place, of, these));
    }
    return InTurn.all(parts).map(these);
  }

  private Future<Void> addFolded(AuditRound.Place place, Candidates these) {
    int some = place.someAccounts();
    return measured(place)
        .compose(v -> journal.accountsAfter(place.account, some))
        .map(accounts -> {
          these.accounts().addAll(accounts);
          place.account = accounts.size() < some ? "" : accounts.getLast();
          return null;
        });
  }

  /** At the start of a round, how large it is. */
  private Future<Void> measured(AuditRound.Place place) {
    return place.account.isEmpty()
        ? journal
            .count()
            .map(count -> {
              place.accountsAPass = Math.max(LEAST_ACCOUNTS, count / AuditRound.PASSES);
              return null;
            })
        : Future.succeededFuture();
  }

  /** Also accounts that the journal does not know. */
  private Future<Void> addScanned(AuditRound.Place place, Candidates these) {
    return ledger
        .scanAccounts(place.accountScan, place.someAccounts())
        .map(scanned -> {
          these.accounts().addAll(scanned.names());
          place.accountScan = scanned.cursor();
          return null;
        });
  }

  private Future<Void> addHolds(AuditRound.Place place, int partition, Candidates these) {
    String cursor = place.holdScans.getOrDefault(partition, LedgerPages.Scanned.START);
    int some = place.holdsAPass.getOrDefault(partition, LEAST_HOLDS);
    return ledger
        .scanHolds(partition, cursor, some)
        .map(scanned -> {
          scanned
              .names()
              .forEach(order -> these.orders().add(new LedgerPage.HoldKey(partition, order)));
          place.holdScans.put(partition, scanned.cursor());
          return null;
        });
  }

  private Future<List<LedgerPage>> read(Candidates these) {
    return pages.read(List.copyOf(these.accounts()), List.copyOf(these.orders()));
  }

  private Future<PassOutcome> compare(
      AuditRound.Place place, Checkpoint checkpoint, List<LedgerPage> pages) {
    Optional<String> doubt = PageSequence.doubt(checkpoint.epoch(), pages);
    if (doubt.isPresent()) {
      return inconclusive(doubt.get());
    }
    pages
        .getFirst()
        .holdFields()
        .forEach((partition, fields) ->
            place.holdsAPass.put(
                partition, Math.toIntExact(Math.max(LEAST_HOLDS, fields / AuditRound.PASSES))));
    Map<FlowPartition, Long> marks = pages.getLast().marks();
    return arrival
        .of(marks)
        .compose(reached ->
            standstills
                .look(marks, reached)
                .map(standstill -> breach(checkpoint, List.of(standstill)))
                .or(() ->
                    JournalArrival.missing(marks, reached)
                        .map(log -> inconclusive(JournalArrival.sentence(log, marks.get(log)))))
                .orElseGet(() -> compareAt(checkpoint, pages)));
  }

  private Future<PassOutcome> compareAt(Checkpoint checkpoint, List<LedgerPage> pages) {
    PageComparison comparison = new PageComparison(checkpoint, pages);
    List<Supplier<Future<Void>>> logs = new ArrayList<>();
    pages
        .getLast()
        .marks()
        .forEach((log, to) ->
            logs.add(() ->
                lines.eachLine(
                    log, checkpoint.mark(log).position(), to, line -> comparison.add(log, line))));
    List<String> accounts =
        pages.stream().flatMap(page -> page.accounts().keySet().stream()).toList();
    return InTurn.all(logs)
        .compose(v -> journal.balances(accounts))
        .compose(balances -> journal.sums().map(sums -> comparison.findings(balances, sums)))
        .compose(findings ->
            findings.isEmpty() ? holds.findings(pages) : Future.succeededFuture(findings))
        .compose(
            findings -> findings.isEmpty() ? scrub.findings() : Future.succeededFuture(findings))
        .compose(findings ->
            findings.isEmpty() ? verified(checkpoint, pages) : breach(checkpoint, findings));
  }

  private Future<PassOutcome> verified(Checkpoint checkpoint, List<LedgerPage> pages) {
    long accounts = pages.stream().mapToLong(page -> page.accounts().size()).sum();
    long holds = pages.stream().mapToLong(page -> page.holds().size()).sum();
    return journal
        .verified(checkpoint, LedgerGate.nowMicros(clock))
        .map(
            mine -> mine ? new PassOutcome.Verified(accounts, holds) : new PassOutcome.NotMyTurn());
  }

  private static Future<PassOutcome> breach(Checkpoint checkpoint, List<String> findings) {
    return Future.succeededFuture(
        new PassOutcome.Breach(checkpoint.epoch(), checkpoint.pass(), findings.getFirst()));
  }

  private static Future<PassOutcome> inconclusive(String why) {
    return Future.succeededFuture(new PassOutcome.Inconclusive(why));
  }
}
