package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeterministicIdTest {
  /** Written down once: ids are kept for ever, so the function can never change. */
  @Test
  void idsNeverChange() {
    assertThat(DeterministicId.orderId("alice", "BTC-USD", "o-1"))
        .isEqualTo("923d82f9a42b1d68ace6cf5eb5ccf7db");
    assertThat(DeterministicId.transferId("deposit", "alice", "d-1"))
        .isEqualTo("f7b56a2e098ab38e5f48fe67b6cc25d4");
  }

  @Test
  void partsDoNotRunIntoEachOther() {
    Set<String> ids = new HashSet<>();
    for (List<String> parts :
        List.of(List.of("a", "b", "c"), List.of("ab", "", "c"), List.of("a", "bc", ""))) {
      ids.add(DeterministicId.orderId(parts.get(0), parts.get(1), parts.get(2)));
    }
    ids.add(DeterministicId.transferId("a", "b", "c"));

    assertThat(ids).hasSize(4).allMatch(DeterministicId::isWellFormed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "g", "A", "/", ":", "`", "\u0660"})
  void onlyThirtyTwoLowercaseHexadecimalDigitsCouldBeAnId(String wrong) {
    String id = "0123456789abcdef".repeat(2);

    assertThat(DeterministicId.isWellFormed(id)).isTrue();
    assertThat(DeterministicId.isWellFormed(id + wrong)).isEqualTo(wrong.isEmpty());
    assertThat(DeterministicId.isWellFormed(id.substring(1) + wrong)).isEqualTo(wrong.equals("0"));
  }

  @Test
  void accountsSpreadOverAllPartitions() {
    Set<Integer> partitions = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      partitions.add(DeterministicId.accountPartition("account-" + i, 4));
    }

    assertThat(partitions).containsExactlyInAnyOrder(0, 1, 2, 3);
  }
}
