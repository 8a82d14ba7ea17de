package dev.sagax.order.api;

import dev.sagax.order.OrderHistory;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.money.Markets;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Finds the markets that a cancel of all names one by one, before the record for all markets of a
 * partition: those where an account has very many open orders. The step ends a batch after such a
 * record, so each is a transaction of its own, and the record for all is about what is left. Which
 * markets these are changes only how large the batches are: the record for all covers whatever they
 * do not.
 */
final class LargeMarkets {
  /** So many open orders are left to the record for all markets. */
  private static final long MANY_ORDERS = 1_000;

  /** Any instruction that is not applied may be one more order; there are always some. */
  private static final long MANY_UNREAD = 9_000;

  /**
   * Where the large ones are not known no more are named than this: they would fill a log that is
   * behind already.
   */
  private static final int MOST_UNKNOWN = 32;

  private static final long LOOK_MILLIS = 500;

  private final Vertx vertx;
  private final Markets markets;
  private final OrderHistory history;
  private final LogFollower log;

  LargeMarkets(Vertx vertx, Markets markets, OrderHistory history, LogFollower log) {
    this.vertx = vertx;
    this.markets = markets;
    this.history = history;
    this.log = log;
  }

  /** How many instructions of a partition are recorded and not applied, as far as is known. */
  record Backlog(Map<Integer, Long> unread) {

    /** Nothing is known. */
    static final Backlog UNKNOWN = new Backlog(Map.of());

    boolean isLong(int partition) {
      return unread.getOrDefault(partition, Long.MAX_VALUE) > MANY_UNREAD;
    }
  }

  /** To be asked before {@link #of}. Never fails. */
  Future<Backlog> backlog() {
    return EventLoop.back(
            vertx,
            () ->
                history
                    .appliedInstructions()
                    .compose(applied ->
                        log.endOffsets(Topic.ORDER_REQUESTED).map(ends -> unread(applied, ends)))
                    .timeout(LOOK_MILLIS, TimeUnit.MILLISECONDS))
        .otherwise(Backlog.UNKNOWN);
  }

  private static Backlog unread(Map<Integer, Long> applied, Map<Integer, Long> ends) {
    Map<Integer, Long> unread = new HashMap<>();
    long none = Topic.ORDER_REQUESTED.beforeFirst();
    ends.forEach(
        (partition, end) -> unread.put(partition, end - 1 - applied.getOrDefault(partition, none)));
    return new Backlog(unread);
  }

  /**
   * The large markets of an account by partition, the largest first; some of a partition where that
   * is not known. Never fails.
   */
  Future<Map<Integer, List<String>>> of(String account, Backlog backlog) {
    return EventLoop.back(
            vertx, () -> history.openByMarket(account).timeout(LOOK_MILLIS, TimeUnit.MILLISECONDS))
        .map(open -> large(open, backlog))
        .otherwise(unknown -> large(Map.of(), Backlog.UNKNOWN));
  }

  private Map<Integer, List<String>> large(Map<String, Long> open, Backlog backlog) {
    Map<Integer, List<String>> byPartition = new HashMap<>();
    for (Market market : markets.markets()) {
      byPartition
          .computeIfAbsent(market.partition(), partition -> new ArrayList<>())
          .add(market.name());
    }
    byPartition.replaceAll((partition, names) ->
        backlog.isLong(partition)
            ? names.subList(0, Math.min(names.size(), MOST_UNKNOWN))
            : largest(names, open));
    return byPartition;
  }

  /** Those without which not many orders are left. */
  private static List<String> largest(List<String> names, Map<String, Long> open) {
    List<String> largest = new ArrayList<>();
    long left = names.stream().mapToLong(name -> open.getOrDefault(name, 0L)).sum();
    List<String> ordered =
        names.stream()
            .sorted(Comparator.comparing((String name) -> open.getOrDefault(name, 0L)).reversed())
            .toList();
    for (String name : ordered) {
      if (left <= MANY_ORDERS) {
        break;
      }
      largest.add(name);
      left -= open.getOrDefault(name, 0L);
    }
    return largest;
  }
}
