package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.fault.FaultPoint;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TamperingTest {
  private static final String SENTENCE = "Account a has 3 USD available, but 4 by the journal.";
  private static final Fault REMOVES_A_HOLD =
      new Fault.KillAt(FaultPoint.SETTLE_REFUSAL_AFTER_PUBLISH, 1, 0);
  private static final Fault KILLS_REDIS = new Fault.KillServer(Backend.REDIS, 500);

  private final Tampering tampering = new Tampering();

  @Test
  void isWhatRemovesAHoldOrLosesTheLedgerAndNothingElse() {
    List<String> points =
        Stream.of(FaultPoint.values())
            .filter(point -> Tampering.isIn(new Fault.ZombieAt(point, 1, 0)))
            .map(point -> point.service() + " " + point.area())
            .distinct()
            .toList();

    assertThat(points)
        .containsExactlyInAnyOrder("settle-svc refusal", "match-svc undo", "order-svc cancel");
    assertThat(Stream.of(Fault.Loss.values()).map(loss -> new Fault.LoseLedger(loss, 9)))
        .allMatch(Tampering::isIn);
    assertThat(
            Stream.of(
                KILLS_REDIS,
                new Fault.FreezeServer(Backend.REDIS, 500),
                new Fault.FillDisk(Backend.REDIS),
                new Fault.KillService(Service.SETTLE, 0),
                new Fault.FreezeService(Service.SETTLE, 0),
                new Fault.BreakLink(Service.SETTLE, 0, "redis", Fault.Trouble.CUT, 500)))
        .noneMatch(Tampering::isIn);
  }

  @Test
  void aBreachThatNoFaultExplainsIsAFindingThatQuotesTheAudit() {
    tampering.begin(List.of(KILLS_REDIS));

    assertThatThrownBy(() -> tampering.mustExplain(SENTENCE))
        .isInstanceOfSatisfying(
            Tampering.BreachException.class,
            breach ->
                assertThat(breach.finding())
                    .isEqualTo(
                        Finding.wrong(
                            "The ledger was closed by its audit, and no fault explains it: "
                                + SENTENCE)));
  }

  @Test
  void aHoldThatWasRemovedExplainsABreachUntilTheLedgerWasFoundWhole() {
    tampering.begin(List.of(REMOVES_A_HOLD, KILLS_REDIS));
    assertThatCode(() -> tampering.mustExplain(SENTENCE)).doesNotThrowAnyException();

    tampering.begin(List.of(KILLS_REDIS));
    assertThatCode(() -> tampering.mustExplain(SENTENCE)).doesNotThrowAnyException();

    tampering.end();
    tampering.begin(List.of(KILLS_REDIS));
    assertThatThrownBy(() -> tampering.mustExplain(SENTENCE))
        .isInstanceOf(Tampering.BreachException.class);
  }
}
