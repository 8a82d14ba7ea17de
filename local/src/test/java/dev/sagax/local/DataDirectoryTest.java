package dev.sagax.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class DataDirectoryTest {
  @TempDir private Path folder;

  @Test
  void whatIsMissingIsMadeAndTakenAgainAfterwards() {
    Path data = folder.resolve("a/b");

    DataDirectory.open(data, false).close();
    DataDirectory.open(data, false).close();

    assertThat(data).isDirectory();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneAtATimeMayUseIt(boolean fresh) throws IOException {
    try (DataDirectory held = DataDirectory.open(folder, false)) {
      Path file = Files.writeString(held.path().resolve("file"), "kept");

      assertThatThrownBy(() -> DataDirectory.open(folder, fresh))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("Another Sagax is running over " + folder + ".");
      assertThat(file).hasContent("kept");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsNotOursIsLeftAlone(boolean fresh) throws IOException {
    Path file = Files.writeString(folder.resolve("thesis.txt"), "years of work");

    assertThatThrownBy(() -> DataDirectory.open(folder, fresh))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("holds something that is not Sagax's");
    assertThat(folder).isDirectoryNotContaining(entry -> !entry.equals(file));
    assertThat(file).hasContent("years of work");
  }

  @Test
  void upOverWhatIsNotOursFails() throws IOException {
    Path file = Files.writeString(folder.resolve("thesis.txt"), "years of work");

    int status = new CommandLine(new UpCommand()).execute("--fresh", "--data", folder.toString());

    assertThat(status).isEqualTo(1);
    assertThat(folder).isDirectoryNotContaining(entry -> !entry.equals(file));
  }

  @Test
  void freshEmptiesItAndOnlyThen() throws IOException {
    try (DataDirectory first = DataDirectory.open(folder, false)) {
      Files.createDirectories(first.path().resolve("kafka/data"));
      Files.writeString(first.path().resolve("kafka/data/log"), "old");
    }

    DataDirectory.open(folder, false).close();
    assertThat(folder.resolve("kafka/data/log")).exists();

    DataDirectory.open(folder, true).close();
    assertThat(folder.resolve("kafka")).doesNotExist();
  }
}
