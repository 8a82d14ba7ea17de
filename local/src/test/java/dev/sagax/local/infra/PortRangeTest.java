package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who takes ports from ranges never gets one that another has. */
class PortRangeTest {
  private static final int LOWEST = 1_000;
  private static final int HIGHEST = 2_200;

  @TempDir private Path locks;

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
      PortRange second = lease();
      PortRange third = lease();
      assertThat(second.size()).isEqualTo(400);
      assertThat(third.size()).isEqualTo(400);
      assertThat(lease().size()).as("the holder has the first").isEqualTo(1_200);
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertThat(lease().size()).isEqualTo(400);
    assertThat(Files.list(locks)).hasSize(3);
  }

  private PortRange lease() throws IOException {
    return PortRange.lease(locks, LOWEST, HIGHEST);
  }

  /** Holds a range until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) throws Exception {
      PortRange range = PortRange.lease(Path.of(arguments[0]), LOWEST, HIGHEST);
      System.out.println(range);
      Thread.currentThread().join();
    }
  }
}
