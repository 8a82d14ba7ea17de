package dev.sagax.bench.mutants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The mutants fit the sources of today, and only a test that fails as it should catches one. */
class MutantTest {
  private static final Path HOME = Path.of("..");
  private static final String SOUND =
      """
      bug: It subtracts
      source: platform/src/main/java/Sum.java
      find: a + b
      replace: a - b
      module: platform
      test: Planted#fails
      """;

  @Test
  void everyMutantFitsTheSourceOfToday() {
    List<Mutant> all = Mutant.all(HOME);

    assertThat(all).hasSizeGreaterThan(14);
    assertThat(all).allSatisfy(mutant -> assertThat(mutant.mutated(HOME)).isNotEmpty());
  }

  @Test
  void textIsFoundHoweverItIsBrokenIntoLines() {
    Mutant mutant = Mutant.parse("m", SOUND);

    assertThat(mutant.applyTo("return a\n    + b;")).isEqualTo("return a - b;");
  }

  @Test
  void textThatIsNotThereOnceIsStale() {
    Mutant mutant = Mutant.parse("m", SOUND);

    assertThatThrownBy(() -> mutant.applyTo("return a;")).hasMessageContaining("m is stale");
    assertThatThrownBy(() -> mutant.applyTo("a + b + a + b")).hasMessageContaining("2 times");
  }

  @Test
  void mistakeInAFileIsNamed() {
    assertThatThrownBy(() -> Mutant.parse("m", SOUND.replace("bug:", "bag:")))
        .hasMessageContaining("m")
        .hasMessageContaining("bag");
    assertThatThrownBy(() -> Mutant.parse("m", SOUND.replace("find: a + b\n", "")))
        .hasMessage("Mutant m: the field find is missing.");
    assertThatThrownBy(() -> Mutant.parse("m", SOUND.replace("#fails", "")))
        .hasMessageContaining("the field test is written package.Class#method");
    assertThatThrownBy(() -> Mutant.parse("m", SOUND.replace("src/main", "src/test")))
        .hasMessageContaining("the field source lies below");
  }

  @Test
  void onlyAFailureAsExpectedCatchesAMutant() {
    assertThat(verdict("fails", "")).isInstanceOf(Verdict.Caught.class);
    assertThat(verdict("throwsSomething", "something")).isInstanceOf(Verdict.Caught.class);
    assertThat(verdict("failsForSome", "")).isInstanceOf(Verdict.Caught.class);
    assertThat(verdict("passes", "")).isInstanceOf(Verdict.Survived.class);
    assertThat(verdict("throwsSomething", "")).isInstanceOf(Verdict.Unproven.class);
    assertThat(verdict("fails", "something")).isInstanceOf(Verdict.Unproven.class);
    assertThat(verdict("isNotThere", "")).isInstanceOf(Verdict.Unproven.class);
    assertThat(verdict("cannotBegin", "")).isInstanceOf(Verdict.Unproven.class);
  }

  private static Verdict verdict(String method, String symptom) {
    String type = method.equals("cannotBegin") ? Planted.Unborn.class.getName() : Planted.NAME;
    Mutant mutant = new Mutant("m", "", "", "", "", "bench", type + "#" + method, symptom);
    return Verdict.of(mutant, TestProcess.run(List.of(mutant.test())));
  }
}
