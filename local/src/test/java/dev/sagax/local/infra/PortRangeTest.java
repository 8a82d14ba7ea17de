package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who takes ports from ranges never gets one that another has. */
class PortRangeTest {
  private static final int LOWEST = 1_000;
  private static final int HIGHEST = 2_200;

  @TempDir private Path locks;

  /** A range that nobody knows any more is given up. */
  private final List<PortRange> kept = new ArrayList<>();

  @Test
  void noTwoHaveAPortInCommon() throws IOException {
    Set<Integer> given = new HashSet<>();
    for (int n = 0; n < 3; n++) {
      PortRange range = lease();
      for (int port = 0; port < range.size(); port++) {
        assertThat(given.add(range.next())).isTrue();
      }
    }
    assertThat(given).hasSize(HIGHEST - LOWEST).allMatch(port -> port >= LOWEST && port < HIGHEST);
  }

  @Test
  void aPortComesAgainOnlyAfterAllOthers() throws IOException {
    PortRange range = lease();
    int first = range.next();
    for (int n = 1; n < range.size(); n++) {
      assertThat(range.next()).isNotEqualTo(first);
    }
    assertThat(range.next()).isEqualTo(first);
  }

  @Test
  void allAreForEverybodyIfNoRangeIsLeft() throws IOException {
    for (int n = 0; n < 3; n++) {
      assertThat(lease().size()).isEqualTo(400);
    }
    assertThat(lease().size()).isEqualTo(HIGHEST - LOWEST);
  }

  @Test
  void theLockIsSeenByOtherProgramsAndEndsWithItsHolder() throws Exception {
    String java = ChildJvm.java();
    String path = System.getProperty("java.class.path");
    Process holder =
        new ProcessBuilder(java, "-cp", path, Holder.class.getName(), locks.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      holder.inputReader().readLine();
      assertThat(lease().size()).isEqualTo(400);
      assertThat(lease().size()).as("the holder has the others").isEqualTo(1_200);
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertThat(lease().size()).isEqualTo(400);
    assertThat(Files.list(locks)).hasSize(3);
  }

  private PortRange lease() throws IOException {
    PortRange range = PortRange.lease(locks, LOWEST, HIGHEST);
    kept.add(range);
    return range;
  }

  /** Holds two ranges until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      PortRange first = PortRange.lease(Path.of(arguments[0]), LOWEST, HIGHEST);
      PortRange second = PortRange.lease(Path.of(arguments[0]), LOWEST, HIGHEST);
      System.out.println(first + " and " + second);
      Thread.currentThread().join();
    }
  }
}
