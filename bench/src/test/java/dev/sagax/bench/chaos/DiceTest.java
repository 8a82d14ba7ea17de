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
    assertThat(drawn).filteredOn(faults -> faults.size() == 2).hasSizeGreaterThan(DRAWS / 6);
  }

  /** What ten minutes have the time for. */
  @Test
  void thirtyRoundsHaveEveryKindThatComesFromOutsideAndBothAtPoints() {
    for (long seed = 1; seed <= 50; seed++) {
      assertThat(drawn(seed, List.of()).subList(0, 30).stream().flatMap(List::stream))
          .extracting(DiceTest::kind)
          .as("seed %d", seed)
          .contains(
              "point=kill",
              "point=zombie",
              "service=kill",
              "service=zombie",
              "kafka=kill",
              "kafka=freeze",
              "redis=kill",
              "redis=freeze",
              "postgres=kill",
              "postgres=freeze",
              "redis=flushall",
              "redis=cut-aof",
              "link=cut",
              "link=stall",
              "link=delay");
    }
  }

  private static String kind(Fault fault) {
    String target =
        switch (fault) {
          case Fault.KillAt at -> "point";
          case Fault.ZombieAt at -> "point";
          case Fault.KillService kill -> "service";
          case Fault.FreezeService freeze -> "service";
          case Fault.BreakLink link -> "link";
          case Fault.KillServer kill -> kill.target();
          case Fault.FreezeServer freeze -> freeze.target();
          case Fault.LoseLedger loss -> loss.target();
          case Fault.FillDisk full -> full.target();
        };
    return target + "=" + fault.action();
  }

  @Test
  void ofTwoThatOverlapOnlyTheFirstIsAtAPoint() {
    assertThat(drawn(7, List.of()).stream().filter(faults -> faults.size() == 2))
        .isNotEmpty()
        .allSatisfy(faults ->
            assertThat(faults.get(1))
                .isNotInstanceOfAny(
                    Fault.KillAt.class, Fault.ZombieAt.class, Fault.LoseLedger.class));
  }

  @Test
  void diskIsFullOnlyWhereThatIsAskedFor() {
    assertThat(drawn(7, List.of("postgres-disk=full", "kafka-disk")).stream().flatMap(List::stream))
        .extracting(Fault::text)
        .containsOnly("postgres-disk=full", "kafka-disk=full");
    assertThat(Dice.smallDisks(List.of("postgres-disk=full", "kafka-disk", "redis=kill")))
        .containsExactly(Backend.KAFKA, Backend.POSTGRES);
    assertThat(Dice.smallDisks(List.of())).isEmpty();
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
