package dev.sagax.platform.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultInjectorTest {
  private static final FaultPoint POINT = FaultPoint.ORDER_STEP_BEFORE_COMMIT;

  @TempDir Path directory;

  private FaultInjector injector(String faults) {
    return new FaultInjector(PlannedFault.parseAll(faults), log().toString());
  }

  private Path log() {
    return directory.resolve("faults.log");
  }

  @Test
  void faultIsMadeOnceAtThePassageThatItNamesAndPassagesWithoutWorkDoNotCount() throws Exception {
    FaultInjector injector = injector("order-step.before-commit=throw@2");

    injector.pass(POINT, 7);
    injector.pass(POINT, 0);
    injector.pass(FaultPoint.MATCH_STEP_BEFORE_COMMIT, 7);
    assertThat(injector.isArmed(POINT)).isTrue();
    assertThatThrownBy(() -> injector.pass(POINT, 3))
        .isInstanceOf(FaultInjectedException.class)
        .hasMessageContaining("order-step.before-commit");
    injector.pass(POINT, 7);

    assertThat(injector.isArmed(POINT)).isFalse();
    assertThat(Files.readString(log()))
        .matches(
            "order-step\\.before-commit throw passage=2 work=3 pid=%d at=\\d{13}\n"
                .formatted(ProcessHandle.current().pid()));
  }

  @Test
  void aFileReplacesWhatIsPlannedWheneverItChanges() throws Exception {
    FaultInjector injector = injector("match-step.before-commit=throw");
    Path file = directory.resolve("faults");
    try (var watching = FaultFile.watch(file, injector)) {
      assertThat(watching).isNotNull();
      Files.writeString(file, "order-step.before-commit=throw\n");
      awaitArmed(injector, true);
      assertThat(injector.isArmed(FaultPoint.MATCH_STEP_BEFORE_COMMIT)).isFalse();

      Files.writeString(file, "");
      awaitArmed(injector, false);

      Files.writeString(file, "no fault at all");
      Files.writeString(file, "order-step.before-commit=throw");
      awaitArmed(injector, true);
    }
  }

  private static void awaitArmed(FaultInjector injector, boolean armed) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (injector.isArmed(POINT) != armed && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    assertThat(injector.isArmed(POINT)).isEqualTo(armed);
  }

  @Test
  void processStandsStillAndGoesOn() {
    FaultInjector injector = injector("order-step.before-commit=pause:60");

    long start = System.nanoTime();
    injector.pass(POINT, 1);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(60));
  }

  @Test
  void processIsKilledWithoutEndingAnything() throws Exception {
    Path output = log().resolveSibling("victim.out");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // What a JVM does at its end, also by Runtime.halt.
                "-XX:NativeMemoryTracking=summary",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+PrintNMTStatistics",
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                log().toString())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(137);
    assertThat(output).content().doesNotContain("Native Memory Tracking");
    assertThat(Files.readString(log()))
        .startsWith("order-step.before-commit kill passage=1 work=2 pid=" + process.pid());
  }

  /** Passes the point, and would end in another way. */
  static final class Victim {
    public static void main(String[] log) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(1)));
      new FaultInjector(PlannedFault.parseAll("order-step.before-commit=kill"), log[0])
          .pass(POINT, 2);
    }
  }

  @Test
  void faultsAreReadFromOneLine() {
    assertThat(
            PlannedFault.parseAll(
                "order-step.before-commit=kill, settle-redis.after-hold=pause:9000@3"))
        .containsExactly(
            new PlannedFault(POINT, new FaultAction.Kill(), 1),
            new PlannedFault(FaultPoint.SETTLE_REDIS_AFTER_HOLD, new FaultAction.Pause(9_000), 3));
    assertThat(PlannedFault.parseAll("")).isEqualTo(List.of());
    refused("order-step.before-commit", "Expected POINT=ACTION");
    refused("order-step.before-commit=kill@0", "Expected POINT=ACTION");
    refused("order-step.before-commit=pause:0", "Expected kill, throw or pause:MILLIS");
    refused("order-step=kill", "There is no fault point order-step; there are order-step.");
    refused("order-step.before-commit=kill,order-step.before-commit=throw", "is named twice");
  }

  private static void refused(String faults, String why) {
    assertThatThrownBy(() -> PlannedFault.parseAll(faults))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void everyPointIsWrittenAsServiceAreaAndBoundary() {
    assertThat(FaultPoint.values()).hasSizeGreaterThan(40);
    for (FaultPoint point : FaultPoint.values()) {
      assertThat(point.toString()).matches("(order|match|settle|asset)-[a-z]+\\.[a-z]+(-[a-z]+)?");
      assertThat(FaultPoint.ofText(point.toString())).isEqualTo(point);
      assertThat(point.service()).isIn("order-svc", "match-svc", "settle-svc", "asset-svc");
    }
  }

  @Test
  void onlyPointsWithoutAFaultOfTheirOwnAreProvoked() {
    assertThat(Arrays.stream(FaultPoint.values()).flatMap(point -> point.provokedBy().stream()))
        .isNotEmpty()
        .allSatisfy(cause -> assertThat(cause.provokedBy()).isEmpty());
    assertThatCode(() -> FaultInjector.idle().pass(POINT, 1)).doesNotThrowAnyException();
  }
}
