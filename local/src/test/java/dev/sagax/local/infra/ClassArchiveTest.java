package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveTest {
  @TempDir Path folder;
  private Path cache;
  private Path jar;
  private Path written;

  @BeforeEach
  void prepare() throws IOException {
    cache = Files.createDirectory(folder.resolve("cache"));
    jar = Files.writeString(folder.resolve("some.jar"), "some classes");
    written = folder.resolve("classes.jsa");
  }

  @Test
  void isWrittenByTheFirstRunAndReadByTheNext() throws IOException {
    ClassArchive first = archive();
    assertThat(first.options()).containsExactly("-XX:ArchiveClassesAtExit=" + written);
    Files.writeString(written, "the archive");

    first.keep();

    assertThat(written).doesNotExist();
    assertThat(inCache()).hasSize(1).allSatisfy(kept -> assertThat(kept).hasContent("the archive"));
    assertThat(archive().options())
        .containsExactly("-XX:SharedArchiveFile=" + inCache().getFirst());
  }

  @Test
  void isOfOneStateOfTheClassPath() throws IOException {
    Files.writeString(written, "the archive");
    archive().keep();
    Files.setLastModifiedTime(jar, FileTime.fromMillis(1));

    assertThat(archive().options()).containsExactly("-XX:ArchiveClassesAtExit=" + written);
  }

  @Test
  void isNotKeptOfARunThatWasKilledWhileItWrote() throws IOException {
    Files.writeString(written, "half of it");

    archive().options();
    archive().keep();

    assertThat(inCache()).isEmpty();
  }

  @Test
  void onlyTheNewestOfANameAreKept() throws IOException {
    for (int build = 1; build <= 5; build++) {
      Files.setLastModifiedTime(jar, FileTime.fromMillis(build));
      Files.writeString(written, "archive " + build);
      archive().keep();
      for (Path kept : inCache()) {
        if (Files.readString(kept).equals("archive " + build)) {
          Files.setLastModifiedTime(kept, FileTime.fromMillis(build * 1_000L));
        }
      }
    }

    assertThat(inCache())
        .extracting(kept -> Files.readString(kept))
        .containsExactlyInAnyOrder("archive 3", "archive 4", "archive 5");
  }

  @Test
  void nothingIsWrittenWhereNobodyAsksForIt() throws IOException {
    ClassArchive none = new ClassArchive(cache, "test", List.of(jar), null);

    assertThat(none.options()).isEmpty();
    none.keep();

    assertThat(inCache()).isEmpty();
  }

  private ClassArchive archive() throws IOException {
    return new ClassArchive(cache, "test", List.of(jar), written);
  }

  private List<Path> inCache() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.toList();
    }
  }
}
