package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DiceTest {
  private static final int DRAWS = 2_000;

  @Test
  void sameSeedDrawsTheSameFaults() {
    assertThat(drawn(7, List.of()))
        .isEqualTo(drawn(7, List.of()))
        .isNotEqualTo(drawn(8, List.of()));
  }

  @Test
  void everyKindIsDrawnAndSomeOverlap() {
    List<List<Fault>> drawn = drawn(7, List.of());

    assertThat(drawn.stream().flatMap(List::stream).map(Fault::getClass).distinct())
        .hasSize(Fault.class.getPermittedSubclasses().length - 1)
        .doesNotContain(Fault.FillDisk.class);
    assertThat(drawn).anyMatch(faults -> faults.size() == 2);
  }

  @Test
  void onlyWhatIsAskedForIsDrawn() {
    assertThat(drawn(7, List.of("redis=kill", "order-step.before-commit")))
        .allSatisfy(faults ->
            assertThat(faults)
                .singleElement()
                .extracting(Fault::text)
                .isIn(
                    "redis=kill",
                    "order-step.before-commit=kill",
                    "order-step.before-commit=zombie"));
  }

  @Test
  void aFaultThatThereIsNotIsRefusedByItsName() {
    assertThatThrownBy(() -> drawn(7, List.of("redis=explode")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "There is no fault redis=explode; there are order-step.after-poll=kill,");
  }

  private static List<List<Fault>> drawn(long seed, List<String> only) {
    Dice dice = new Dice(new SplittableRandom(seed), 2, only);
    return Stream.generate(dice::next).limit(only.isEmpty() ? DRAWS : 20).toList();
  }
}
