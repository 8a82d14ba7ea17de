package dev.sagax.platform.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MoneyTest {
  private static final long BTC = 100_000_000L;

  @ParameterizedTest
  @CsvSource({
    // price, quantity, floor, ceil
    "100, 100000000, 100, 100",
    "100, 150000000, 150, 150",
    "3, 50000000, 1, 2",
    "1, 1, 0, 1",
    "9223372036854775807, 100000000, 9223372036854775807, 9223372036854775807",
    "5000000000000000000, 100000001, 5000000050000000000, 5000000050000000000",
  })
  void aProductIsRoundedAsItsNameSays(long price, long quantity, long floor, long ceil) {
    assertThat(Money.quoteFloor(price, quantity, BTC)).isEqualTo(floor);
    assertThat(Money.quoteCeil(price, quantity, BTC)).isEqualTo(ceil);
  }

  @Test
  void aProductThatDoesNotFitIsAnErrorAndNeverWraps() {
    assertThatThrownBy(() -> Money.quoteFloor(Long.MAX_VALUE, 2 * BTC, BTC))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Money.quoteCeil(Long.MAX_VALUE, BTC + 1, BTC))
        .isInstanceOf(ArithmeticException.class);
  }

  @ParameterizedTest
  @CsvSource({
    // proceeds, bps, fee: rounded up, never more than the proceeds
    "10000, 10, 10",
    "10001, 10, 11",
    "1, 10, 1",
    "1, 0, 0",
    "0, 10, 0",
    "100, 10000, 100",
    "9223372036854775807, 10000, 9223372036854775807",
  })
  void aFeeIsRoundedUpAndBoundedByTheProceeds(long proceeds, int bps, long fee) {
    assertThat(Money.fee(proceeds, bps)).isEqualTo(fee);
  }

  @Test
  void productsAgreeWithBigIntegers() {
    long seed = Long.getLong("sagax.seed", System.nanoTime());
    System.out.println("MoneyTest: repeat with -Dsagax.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 100_000; i++) {
      long price = random.nextLong() >>> (1 + random.nextInt(62));
      long quantity = random.nextLong() >>> (1 + random.nextInt(62));
      BigInteger exact = BigInteger.valueOf(price).multiply(BigInteger.valueOf(quantity));
      BigInteger[] divided = exact.divideAndRemainder(BigInteger.valueOf(BTC));
      if (divided[0].bitLength() < Long.SIZE - 1) {
        assertThat(Money.quoteFloor(price, quantity, BTC)).isEqualTo(divided[0].longValueExact());
        assertThat(Money.quoteCeil(price, quantity, BTC))
            .isEqualTo(divided[0].longValueExact() + divided[1].signum());
      }
    }
  }
}
