package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.market.v1.GetOrderBookResponse;
import dev.sagax.proto.market.v1.PriceLevel;
import dev.sagax.proto.market.v1.WatchOrderBookResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** A book that a client keeps as the contract says, with what it was after each message. */
final class LocalBook {
  private final Map<String, String> levels = new HashMap<>();
  private final TreeMap<Long, Map<String, String>> states = new TreeMap<>();
  private long last;
  private int snapshots;

  void take(WatchOrderBookResponse message) {
    if (message.getSnapshot()) {
      levels.clear();
      states.clear();
      snapshots++;
    } else if (message.getFirstSequence() > 0) {
      assertThat(message.getFirstSequence()).isEqualTo(last + 1);
    }
    message.getBidsList().forEach(level -> set("bid ", level));
    message.getAsksList().forEach(level -> set("ask ", level));
    last = message.getLastSequence();
    if (!message.getIncomplete()) {
      states.put(last, Map.copyOf(levels));
    }
  }

  private void set(String side, PriceLevel level) {
    if (level.getQuantity().equals("0")) {
      levels.remove(side + level.getPrice());
    } else {
      levels.put(side + level.getPrice(), size(level));
    }
  }

  private static String size(PriceLevel level) {
    return level.getQuantity() + " in " + level.getOrders();
  }

  int snapshots() {
    return snapshots;
  }

  /** As it was after this change; it must have heard of it, or of a later one. */
  Map<String, String> at(long sequence) {
    assertThat(last).isGreaterThanOrEqualTo(sequence);
    return states.floorEntry(sequence).getValue();
  }

  /** The same of a book that was asked for. */
  static Map<String, String> levels(GetOrderBookResponse book) {
    Map<String, String> levels = new HashMap<>();
    book.getBidsList().forEach(level -> levels.put("bid " + level.getPrice(), size(level)));
    book.getAsksList().forEach(level -> levels.put("ask " + level.getPrice(), size(level)));
    return levels;
  }
}
