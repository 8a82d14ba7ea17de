package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.chaos.Roll.End;
import dev.sagax.bench.chaos.Roll.Step;
import dev.sagax.bench.chaos.Roll.Stretch;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a roll does not let pass. */
class RollTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Ask BEFORE = new Ask.Cancel(new Ask.OrderName("a", "BTC-USD", "1"));
  private static final Ask WHILE_AWAY = new Ask.Cancel(new Ask.OrderName("a", "BTC-USD", "2"));
  private static final Ask LATER = new Ask.Cancel(new Ask.OrderName("a", "BTC-USD", "3"));

  private static Stretch stretch(boolean disturbed, String... codes) {
    Calls calls = new Calls();
    for (String code : codes) {
      calls.refused(code);
    }
    return new Stretch("processes were stopped", disturbed, calls.take());
  }

  private static List<String> findings(Stretch... stretches) {
    return Roll.findings(List.of(), List.of(stretches), PATIENCE).stream()
        .map(Finding::toString)
        .toList();
  }

  @Test
  void everyCodeButUnavailableIsFound() {
    assertThat(findings(stretch(true), stretch(true, "UNAVAILABLE", "UNAVAILABLE"))).isEmpty();

    assertThat(
            findings(
                stretch(true, "UNAVAILABLE", "DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"),
                stretch(true, "CANCELLED")))
        .containsExactly(
            "2 calls were answered with DEADLINE_EXCEEDED while processes were stopped",
            "1 calls were answered with CANCELLED while processes were stopped");
  }

  @Test
  void unavailableIsFoundWhileNoProcessIsAway() {
    assertThat(findings(stretch(false))).isEmpty();
    assertThat(findings(stretch(false, "UNAVAILABLE"))).hasSize(1);
  }

  @Test
  void orderThatTakesLongWhileNoProcessIsAwayIsFound() {
    Calls calls = new Calls();
    calls.placed(PATIENCE.plusSeconds(1).toNanos());
    Calls.Seen slow = calls.take();

    assertThat(findings(new Stretch("all ran undisturbed", true, slow))).isEmpty();
    assertThat(findings(new Stretch("all ran undisturbed", false, slow)))
        .singleElement()
        .asString()
        .contains("an order took", "all ran undisturbed");
  }

  @Test
  void slowRecoveryIsFound() {
    Duration away = Duration.ofSeconds(2);

    assertThat(
            Roll.findings(
                List.of(
                    new Step("order-svc-0", End.KILLED, away, PATIENCE),
                    new Step("match-svc-1", End.STOPPED, away, PATIENCE.plusMillis(1))),
                List.of(),
                PATIENCE))
        .singleElement()
        .asString()
        .contains("match-svc-1", "stopped");
  }

  @Test
  void whoAsksWhileAProcessIsAwayIsWaitedForToo() {
    Recovery recovery = new Recovery(Set.of(BEFORE));

    assertThat(looks(recovery, 1, false, BEFORE, WHILE_AWAY)).isFalse();
    assertThat(looks(recovery, 2, false, WHILE_AWAY)).isFalse();
    assertThat(looks(recovery, 3, true, WHILE_AWAY)).isFalse();
    assertThat(looks(recovery, 4, false, WHILE_AWAY, LATER)).isFalse();
    assertThat(looks(recovery, 5, false, LATER)).isTrue();

    assertThat(recovery.away()).isEqualTo(Duration.ofSeconds(3));
    assertThat(recovery.answered()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void recoveryIsNotOverBeforeTheProcessIsReady() {
    Recovery recovery = new Recovery(Set.of());

    assertThat(looks(recovery, 1, false)).isFalse();
    assertThat(looks(recovery, 2, true)).isTrue();
  }

  private static boolean looks(Recovery recovery, int seconds, boolean ready, Ask... open) {
    return recovery.isOver(() -> ready, Set.of(open), Duration.ofSeconds(seconds));
  }
}
