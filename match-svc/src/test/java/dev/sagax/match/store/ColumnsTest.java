package dev.sagax.match.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.match.book.Side;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00000000000000000000000000000001",
        "ffffffffffffffffffffffffffffffff",
        "0123456789abcdef8000000000000000"
      })
  void orderIdComesBackFromItsColumn(String id) {
    assertThat(Columns.hex(Columns.uuid(id))).isEqualTo(id);
  }

  @Test
  void orderIdIsReadableInTheDatabase() {
    assertThat(Columns.uuid("0123456789abcdef8000000000000000"))
        .hasToString("01234567-89ab-cdef-8000-000000000000");
  }

  @ParameterizedTest
  @EnumSource(Side.class)
  void sideComesBackFromItsColumn(Side side) {
    assertThat(Columns.side(Columns.side(side))).isEqualTo(side);
  }
}
