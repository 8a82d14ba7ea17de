package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AccountEntriesTest {
  private static final FlowPartition HOLDS = new FlowPartition(Flow.HOLD, 0);
  private static final FlowPartition SETTLED = new FlowPartition(Flow.SETTLE, 0);

  @Test
  void logsAreMergedByTimeButEachStaysInItsOrder() {
    List<AccountEntry> entries =
        List.of(
            entry(HOLDS, 2, 0, 90),
            entry(SETTLED, 1, 1, 50),
            entry(HOLDS, 3, 0, 20),
            entry(SETTLED, 1, 0, 60),
            entry(SETTLED, 4, 0, 95));

    assertThat(AccountEntries.merge(entries, 10))
        .extracting(e -> e.log().flow() + " " + e.position() + "/" + e.leg())
        .containsExactly("SETTLE 1/0", "SETTLE 1/1", "HOLD 2/0", "HOLD 3/0", "SETTLE 4/0");
    assertThat(AccountEntries.merge(entries, 2)).hasSize(2);
    assertThat(AccountEntries.merge(List.of(), 2)).isEmpty();
  }

  /** Pages of any size, with entries that come in between, show every entry once. */
  @Test
  void whoKnowsAPlaceInEachLogMissesNothingAndSeesNothingTwice() {
    Random random = new Random(7);
    List<List<AccountEntry>> logs = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      logs.add(new ArrayList<>());
    }
    Map<FlowPartition, AccountEntry.Place> places = new HashMap<>();
    List<AccountEntry> seen = new ArrayList<>();
    for (int turn = 0; turn < 500; turn++) {
      if (turn < 400) {
        int log = random.nextInt(logs.size());
        FlowPartition name = new FlowPartition(Flow.SETTLE, log);
        logs.get(log).add(entry(name, logs.get(log).size(), 0, random.nextInt(100)));
      }
      int limit = random.nextInt(6);
      List<AccountEntry> ahead = new ArrayList<>();
      logs.forEach(
          log -> log.stream().filter(e -> isAhead(e, places)).limit(limit).forEach(ahead::add));
      AccountEntries.merge(ahead, limit)
          .forEach(e -> {
            seen.add(e);
            places.put(e.log(), e.place());
          });
    }
    logs.forEach(log -> assertThat(seen.stream().filter(log::contains).toList()).isEqualTo(log));
    assertThat(seen).hasSize(400);
  }

  private static boolean isAhead(
      AccountEntry entry, Map<FlowPartition, AccountEntry.Place> places) {
    AccountEntry.Place place = places.get(entry.log());
    return place == null || entry.place().compareTo(place) > 0;
  }

  private static AccountEntry entry(FlowPartition log, long position, int leg, long time) {
    return new AccountEntry(log, position, leg, AccountEntry.Kind.LEG, "subject", time, List.of());
  }
}
