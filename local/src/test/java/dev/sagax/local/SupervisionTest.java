package dev.sagax.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.local.e2e.Eventually;
import dev.sagax.platform.boot.ServiceConfig.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisionTest {
  @TempDir private Path folder;
  private final HealthProbe probe = new HealthProbe("none");
  private final List<String> said = new CopyOnWriteArrayList<>();
  private ServiceProcess first;
  private ServiceProcess second;
  private Supervision supervision;

  @BeforeEach
  void start() {
    first = sleeper(0);
    second = sleeper(1);
    supervision = new Supervision(List.of(first, second), said::add);
  }

  private ServiceProcess sleeper(int replica) {
    ServiceProcess process =
        new ServiceProcess(
            "order-svc",
            replica,
            folder.resolve(replica + ".log"),
            ServiceCommand.of("sleep", "1000"),
            Map.of(Setting.GRPC_PORT, "1"),
            probe);
    process.begin(Map.of());
    return process;
  }

  @AfterEach
  void stop() {
    supervision.close();
    first.stop();
    second.stop();
    probe.close();
  }

  @Test
  void processThatDiesIsStartedAgainAfterAPauseThatGrows() {
    killAndAwaitRestart(first);
    killAndAwaitRestart(first);

    assertThat(said)
        .anyMatch(line -> line.startsWith("order-svc-0 has died with exit code 137"))
        .anyMatch(line -> line.contains("is started again in 500 ms"))
        .anyMatch(line -> line.contains("is started again in 1000 ms"))
        .noneMatch(line -> line.contains("order-svc-1"));
  }

  @Test
  void processThatIsStoppedStaysDown() {
    first.stop();

    killAndAwaitRestart(second);

    assertThat(first.isAlive()).isFalse();
    assertThat(said).noneMatch(line -> line.contains("order-svc-0"));
  }

  @Test
  void pausedProcessIsAliveAndCanBeStopped() {
    first.pause();

    killAndAwaitRestart(second);
    assertThat(first.isAlive()).isTrue();

    first.stop();
    assertThat(first.isAlive()).isFalse();
  }

  private static void killAndAwaitRestart(ServiceProcess process) {
    long before = process.pid();
    process.kill();
    Eventually.passes(() -> {
      assertThat(process.isAlive()).isTrue();
      assertThat(process.pid()).isNotEqualTo(before);
    });
  }
}
