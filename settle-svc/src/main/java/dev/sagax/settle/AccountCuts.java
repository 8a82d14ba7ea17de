package dev.sagax.settle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An account's balances at one moment of the ledger, together with the positions that are in them.
 * It waits until the journal has these positions: then they can be read on from, for ever, and no
 * rebuild takes back what was told.
 */
public final class AccountCuts {
  private static final long WAIT_MILLIS = 3_000;

  private final Journal journal;
  private final LedgerPages ledger;
  private final int partitions;
  private final JournalArrival arrival;

  public AccountCuts(
      Vertx vertx,
      Journal journal,
      AuditJournal lines,
      LedgerPages ledger,
      int partitions,
      InstantSource clock) {
    this.journal = journal;
    this.ledger = ledger;
    this.partitions = partitions;
    this.arrival = new JournalArrival(vertx, lines, clock, WAIT_MILLIS);
  }

  /**
   * An account at one moment.
   *
   * @param marks the last position of each log that is in the balances
   */
  public record AccountCut(List<Balance> balances, Map<FlowPartition, Long> marks) {}

  /**
   * @return fails with {@link LedgerUnavailableException} if the ledger is rebuilt meanwhile, or
   *     has applied what does not come into the journal
   */
  public Future<AccountCut> of(String account) {
    return epoch()
        .compose(epoch ->
            ledger
                .page(partitions, List.of(account), List.of())
                .compose(page -> journaled(epoch, page))
                .map(page ->
                    new AccountCut(
                        List.copyOf(page.accounts().get(account).values()), page.marks())));
  }

  private Future<Long> epoch() {
    return journal.state().map(state -> state.epoch().orElse(0));
  }

  private Future<LedgerPage> journaled(long epoch, LedgerPage page) {
    Optional<String> doubt = PageSequence.doubt(epoch, List.of(page));
    if (doubt.isPresent()) {
      return unavailable(doubt.get());
    }
    return arrival
        .of(page.marks())
        .compose(reached -> {
          Optional<FlowPartition> missing = JournalArrival.missing(page.marks(), reached);
          return missing.isPresent()
              ? unavailable(JournalArrival.sentence(missing.get(), page.marks().get(missing.get())))
              : epoch();
        })
        .compose(now ->
            now.equals(epoch)
                ? Future.succeededFuture(page)
                : unavailable("The ledger was rebuilt under epoch %s meanwhile.".formatted(now)));
  }

  private static <T> Future<T> unavailable(String why) {
    return Future.failedFuture(
        new LedgerUnavailableException(why + " The balances cannot be told now; ask again."));
  }
}
