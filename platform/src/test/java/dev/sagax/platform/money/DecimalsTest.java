package dev.sagax.platform.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecimalsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "0, 8, 0",
    "1, 8, 100000000",
    "0.00000001, 8, 1",
    "10.50, 8, 1050000000",
    "92233720368.54775807, 8, 9223372036854775807",
    "9223372036854775807, 0, 9223372036854775807",
    "0.000000000000000001, 18, 1",
  })
  void aDecimalBecomesExactUnits(String text, int scale, long units) {
    assertThat(Decimals.parse("f", text, scale)).isEqualTo(units);
  }

  @ParameterizedTest
  @CsvSource({
    "'', FIELD_REQUIRED",
    "-1, NOT_POSITIVE",
    "-0.5, NOT_POSITIVE",
    "+1, INVALID_DECIMAL",
    "1e3, INVALID_DECIMAL",
    "1E3, INVALID_DECIMAL",
    "' 1', INVALID_DECIMAL",
    "01, INVALID_DECIMAL",
    "00, INVALID_DECIMAL",
    "1., INVALID_DECIMAL",
    ".5, INVALID_DECIMAL",
    "1.2.3, INVALID_DECIMAL",
    "., INVALID_DECIMAL",
    "-, INVALID_DECIMAL",
    "-.5, INVALID_DECIMAL",
    "NaN, INVALID_DECIMAL",
    "0x10, INVALID_DECIMAL",
    "'1,5', INVALID_DECIMAL",
    "١, INVALID_DECIMAL",
    "11111111111111111111111111111111111111111, INVALID_DECIMAL",
    "0.000000001, TOO_MANY_DECIMALS",
    "1.000000000, TOO_MANY_DECIMALS",
    "92233720368.54775808, AMOUNT_OVERFLOW",
    "9223372036854775807, AMOUNT_OVERFLOW",
    "99999999999999999999, AMOUNT_OVERFLOW",
  })
  void aBadDecimalIsRefusedByItsRule(String text, Reason reason) {
    var refused =
        catchThrowableOfType(RefusedException.class, () -> Decimals.parse("limit.price", text, 8));

    assertThat(refused.refusal().reason()).isEqualTo(reason);
    assertThat(refused.refusal().field()).isEqualTo("limit.price");
  }

  @ParameterizedTest
  @CsvSource({"0", "0.0", "0.00000000"})
  void zeroIsNotPositive(String zero) {
    var refused =
        catchThrowableOfType(RefusedException.class, () -> Decimals.parsePositive("f", zero, 8));

    assertThat(refused.refusal().reason()).isEqualTo(Reason.NOT_POSITIVE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8, 0",
    "1, 8, 0.00000001",
    "100000000, 8, 1",
    "1050000000, 8, 10.5",
    "9223372036854775807, 0, 9223372036854775807",
    "1000, 0, 1000",
    "-1, 8, -0.00000001",
    "-150000000, 8, -1.5",
    "-9223372036854775808, 18, -9.223372036854775808",
  })
  void unitsBecomeTheShortestDecimal(long units, int scale, String text) {
    assertThat(Decimals.format(units, scale)).isEqualTo(text);
  }

  @Test
  void anyNumberIsWrittenAsBigDecimalWritesIt() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long units = random.nextLong() >> random.nextInt(64);
      int scale = random.nextInt(Decimals.MAX_SCALE + 1);
      String expected = BigDecimal.valueOf(units, scale).stripTrailingZeros().toPlainString();

      assertThat(Decimals.format(units, scale)).as("seed %d", seed).isEqualTo(expected);
    }
  }
}
