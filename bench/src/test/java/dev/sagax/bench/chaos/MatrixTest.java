package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.fault.FaultPoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatrixTest {
  @TempDir private Path directory;

  @Test
  void partsTogetherAreEveryPointWithBothFaults() throws IOException {
    List<String> all = new ArrayList<>();
    for (int k = 1; k <= 3; k++) {
      matrix(k + "/3").left(2).forEach(fault -> all.add(fault.text()));
    }

    assertThat(all).doesNotHaveDuplicates().hasSize(2 * FaultPoint.values().length);
  }

  @Test
  void aLaterRunGoesOnWithWhatDidNotHitAndPass() throws IOException {
    Matrix first = matrix("1/20");
    List<Fault> cells = first.left(2);
    assertThat(cells).hasSizeGreaterThanOrEqualTo(4);
    first.add(new Round(cells.get(0), 3, List.of(), List.of(), 1000, 700, ""));
    first.add(new Round(cells.get(1), 0, List.of(), List.of(), 1000, 0, ""));
    first.add(
        new Round(
            cells.get(2),
            2,
            List.of(Finding.wrong("An order\tis\nlost.")),
            List.of("rebuilt under epoch 2"),
            1000,
            300,
            ""));

    Matrix second = matrix("1/20");

    assertThat(second.left(2)).isEqualTo(cells.subList(1, cells.size()));
    assertThat(second.isGreen()).isFalse();
    assertThat(second.done()).extracting(Round::quietMillis).containsExactly(700L, 0L, 300L);
    assertThat(second.done()).extracting(Round::mended).startsWith(List.of(), List.of());
    assertThat(new CrashTable(second.done()).markdown())
        .contains(row(cells.get(0), "1 | 1 | 3 | 1.0 | ok"))
        .contains(row(cells.get(1), "1 | 0 | 0 | 1.0 | did not hit"))
        .contains(row(cells.get(2), "1 | 1 | 2 | 1.0 | FAILED 1 times"));
  }

  @Test
  void aPartThatThereIsNotIsRefused() {
    assertThatThrownBy(() -> matrix("3/2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Expected --part to be K/N with K from 1 to N, but got \"3/2\".");
  }

  private static String row(Fault fault, String rest) {
    return "| `%s` | %s | %s |".formatted(fault.target(), fault.action(), rest);
  }

  private Matrix matrix(String part) throws IOException {
    return Matrix.of(part, directory, List.of(), FaultPoint.values());
  }
}
