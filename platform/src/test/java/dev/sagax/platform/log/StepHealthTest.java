package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.rpc.Health;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StepHealthTest {
  private final List<String> said = new ArrayList<>();
  private final AtomicReference<StepHealth> speaker = new AtomicReference<>();
  private final StepHealth old = new StepHealth(whole(), speaker);
  private final StepHealth next = new StepHealth(whole(), speaker);

  @Test
  void aStepThatIsSlowToStopIsNotHeardOnceTheNextOneLoads() {
    old.loading("partition 3");
    old.report("partition 3", true, "");
    next.loading("partition 3");
    next.alarm("partition-3", true, "stopped");
    said.clear();

    old.report("partition 3", true, "not ours any more");
    old.alarm("partition-3", false, "not ours any more");

    assertThat(said).isEmpty();
  }

  @Test
  void aStepThatStopsBeforeTheNextOneLoadsIsHeard() {
    old.loading("partition 3");
    said.clear();

    old.report("partition 3", true, "not ours any more");
    next.loading("partition 3");

    assertThat(said)
        .containsExactly("partition 3 true not ours any more", "partition 3 false loading");
  }

  @Test
  void whatAStepHasLeftBehindEndsWhenTheNextOneLoadsAndNothingLooksReadyMeanwhile() {
    old.loading("partition 3");
    old.report("partition 3 publishing", false, "the broker does not acknowledge");
    old.alarm("partition-3", true, "stopped");
    said.clear();

    next.loading("partition 3");

    assertThat(said)
        .containsExactly(
            "partition 3 false loading",
            "partition 3 publishing true another step has it",
            "alarm partition-3 false another step has it");
  }

  private Health whole() {
    return new Health() {
      @Override
      public void report(String dependency, boolean up, String detail) {
        said.add("%s %s %s".formatted(dependency, up, detail));
      }

      @Override
      public void alarm(String name, boolean sounds, String detail) {
        said.add("alarm %s %s %s".formatted(name, sounds, detail));
      }
    };
  }
}
