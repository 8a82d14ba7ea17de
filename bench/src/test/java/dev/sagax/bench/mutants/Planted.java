package dev.sagax.bench.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests for the judge of tests. The build does not run them: their name does not end in Test. */
class Planted {
  static final String NAME = Planted.class.getName();

  @Test
  void passes() {}

  @Test
  void fails() {
    assertThat(1).isEqualTo(2);
  }

  @Test
  void throwsSomething() {
    throw new IllegalStateException("something");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void failsForSome(int number) {
    assertThat(number).isEqualTo(1);
  }

  /** What goes before its tests fails, by an assertion. */
  static class Unborn {
    @BeforeAll
    static void begin() {
      throw new AssertionError("no server");
    }

    @Test
    void cannotBegin() {}
  }
}
