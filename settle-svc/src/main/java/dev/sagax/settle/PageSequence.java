package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads parts of the ledger in pages, one after the other, each at one moment. */
final class PageSequence {
  private static final int ACCOUNTS_A_PAGE = 200;
  private static final int ORDERS_A_PAGE = 500;

  private final LedgerPages ledger;
  private final int partitions;

  PageSequence(LedgerPages ledger, int partitions) {
    this.ledger = ledger;
    this.partitions = partitions;
  }

  /** One page at least, in the order in which they were read. */
  Future<List<LedgerPage>> read(List<String> accounts, List<LedgerPage.HoldKey> orders) {
    List<LedgerPage> pages = new ArrayList<>();
    List<Supplier<Future<Void>>> reads = new ArrayList<>();
    int number =
        Math.max(1, Math.max(parts(accounts, ACCOUNTS_A_PAGE), parts(orders, ORDERS_A_PAGE)));
    for (int i = 0; i < number; i++) {
      List<String> some = part(accounts, i, ACCOUNTS_A_PAGE);
      List<LedgerPage.HoldKey> ofThese = part(orders, i, ORDERS_A_PAGE);
      reads.add(() ->
          ledger
              .page(partitions, some, ofThese)
              .map(page -> {
                pages.add(page);
                return null;
              }));
    }
    return InTurn.all(reads).map(pages);
  }

  private static int parts(List<?> all, int size) {
    return (all.size() + size - 1) / size;
  }

  private static <T> List<T> part(List<T> all, int number, int size) {
    int start = Math.min(all.size(), number * size);
    return all.subList(start, Math.min(all.size(), start + size));
  }

  /**
   * Why these pages are not of one ledger that only went forward, if they are not.
   *
   * @param epoch of the journal
   */
  static Optional<String> doubt(long epoch, List<LedgerPage> pages) {
    String expected = Long.toString(epoch);
    for (LedgerPage page : pages) {
      if (!page.epoch().equals(expected)) {
        return Optional.of(
            "The ledger is of epoch \"%s\", its journal of %s.".formatted(page.epoch(), expected));
      }
    }
    return inOrder(pages)
        ? Optional.empty()
        : Optional.of("The ledger went back in time while it was read.");
  }

  /** Each page is of the same moment as the one before it, or of a later one. */
  private static boolean inOrder(List<LedgerPage> pages) {
    for (int i = 1; i < pages.size(); i++) {
      if (JournalArrival.missing(pages.get(i - 1).marks(), pages.get(i).marks()).isPresent()) {
        return false;
      }
    }
    return true;
  }
}
