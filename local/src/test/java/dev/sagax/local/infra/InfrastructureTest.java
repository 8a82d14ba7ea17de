package dev.sagax.local.infra;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfrastructureTest {
  @TempDir Path data;

  @Test
  void startsAllThreeTellsOfEachAndTakesTheSamePortsAgain() {
    List<String> progress = Collections.synchronizedList(new ArrayList<>());
    List<String> addresses;
    List<Long> pids;

    try (Infrastructure first = Infrastructure.start(data, progress::add)) {
      addresses = addresses(first);
      pids = List.of(first.kafka().pid(), first.redis().pid(), first.postgres().pid());
    }

    assertThat(progress).hasSize(3).allMatch(line -> line.matches(".+ after [0-9]+ ms"));
    assertThat(pids).noneMatch(InfrastructureTest::isAlive);
    try (Infrastructure second = Infrastructure.start(data, progress::add)) {
      assertThat(addresses(second)).isEqualTo(addresses);
    }
  }

  @Test
  void leavesNoServerBehindWhenItsProcessIsKilledHard() throws Exception {
    Process parent = startElsewhere();
    List<Long> servers = pidsPrintedBy(parent);
    assertThat(servers).hasSize(3).allMatch(InfrastructureTest::isAlive);

    parent.destroyForcibly();

    assertThat(parent.waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(
            Waiting.until(
                Duration.ofSeconds(30),
                () -> servers.stream().noneMatch(InfrastructureTest::isAlive)))
        .as("all of %s are gone within 30 s", servers)
        .isTrue();
  }

  @Test
  void startsAtOnceOverTheDataOfAProcessThatIsStillDying() throws Exception {
    Process parent = startElsewhere();
    pidsPrintedBy(parent);

    parent.destroyForcibly();

    try (Infrastructure next = Infrastructure.start(data, line -> {})) {
      assertThat(next.kafka().isRunning()).isTrue();
      assertThat(next.redis().isRunning()).isTrue();
      assertThat(next.postgres().isRunning()).isTrue();
    }
  }

  private static List<String> addresses(Infrastructure infrastructure) {
    return List.of(
        infrastructure.kafkaBootstrap(), infrastructure.redisUri(), infrastructure.postgresUri());
  }

  private Process startElsewhere() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            InfrastructureProcess.class.getName(),
            data.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static List<Long> pidsPrintedBy(Process process) throws IOException {
    BufferedReader reader = process.inputReader();
    String line = reader.readLine();
    assertThat(line).as("the three process ids").isNotNull();
    return Arrays.stream(line.split(" ")).map(Long::valueOf).toList();
  }

  /** A process that has ended but was not yet collected by its parent is not alive. */
  private static boolean isAlive(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      return !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
    } catch (IOException gone) {
      return false;
    }
  }
}
