package dev.sagax.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  private static final List<String> ALICE = List.of("WatchOrders", "alice", "BTC-USD");
  private static final Cursor CURSOR = new Cursor(Map.of(0, 17L, 3, Long.MAX_VALUE, 1, 0L));
  private static final Set<Integer> PARTITIONS = Set.of(0, 1, 3);

  @Test
  void textContinuesTheStreamItWasMadeFor() {
    String text = CURSOR.text(ALICE);

    assertThat(text).matches("[A-Za-z0-9_-]+");
    assertThat(Cursor.read(ALICE, PARTITIONS, text)).contains(CURSOR);
    assertThat(Cursor.read(ALICE, PARTITIONS, "")).isEmpty();
  }

  @Test
  void oneThatStandsNowhereStartsItsStreamAnew() {
    String text = Cursor.ANEW.text(ALICE);

    assertThat(text).isNotEmpty();
    assertThat(Cursor.read(ALICE, PARTITIONS, text)).isEmpty();
    refused(List.of("WatchOrders", "bob", "BTC-USD"), PARTITIONS, text);
  }

  @Test
  void otherStreamsRefuseIt() {
    String text = CURSOR.text(ALICE);

    refused(List.of("WatchOrders", "bob", "BTC-USD"), PARTITIONS, text);
    refused(List.of("WatchOrders", "alice", ""), PARTITIONS, text);
    refused(List.of("WatchBalances", "alice", "BTC-USD"), PARTITIONS, text);
    refused(ALICE, Set.of(0, 1, 2), text);
    refused(ALICE, Set.of(0, 1), text);
  }

  @Test
  void partitionsThatCameLaterBeginWithTheirFirstRecord() {
    String text = CURSOR.text(ALICE);

    assertThat(Cursor.read(ALICE, Set.of(0, 1, 3, 4, 5), text))
        .contains(new Cursor(Map.of(0, 17L, 1, 0L, 3, Long.MAX_VALUE, 4, 0L, 5, 0L)));
    refused(ALICE, Set.of(0, 1, 2, 3), text);
    refused(ALICE, Set.of(1, 3, 4), text);
  }

  @Test
  void everyOtherTextIsRefused() {
    String text = CURSOR.text(ALICE);

    for (int i = 0; i < text.length(); i++) {
      char other = text.charAt(i) == 'A' ? 'B' : 'A';
      refused(ALICE, PARTITIONS, text.substring(0, i) + other + text.substring(i + 1));
      refused(ALICE, PARTITIONS, text.substring(0, i));
    }
    refused(ALICE, PARTITIONS, text + "A");
    refused(ALICE, PARTITIONS, text + "=");
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "AQ", "====", "not a cursor", "\u0000", "17", "價"})
  void rubbishIsRefused(String text) {
    refused(ALICE, PARTITIONS, text);
    refused(ALICE, PARTITIONS, text.repeat(2_000));
  }

  @Test
  void negativePositionIsRefused() {
    refused(ALICE, Set.of(0), new Cursor(Map.of(0, -1L)).text(ALICE));
  }

  private static void refused(List<String> stream, Set<Integer> partitions, String text) {
    if (text.isEmpty()) {
      return; // it starts anew
    }
    assertThatThrownBy(() -> Cursor.read(stream, partitions, text))
        .as(text)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.refusal().reason()).isEqualTo(Reason.INVALID_CURSOR);
              assertThat(e.refusal().field()).isEqualTo("cursor");
            });
  }
}
