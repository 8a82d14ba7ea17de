package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.fault.FaultPoint;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrashPageTest {
  private static final Fault KILL = new Fault.KillAt(FaultPoint.ORDER_STEP_AFTER_POLL, 1, 0);
  private static final Fault FLUSHALL = new Fault.LoseLedger(Fault.Loss.FLUSHALL, 0);

  @Test
  void saysHowTheRunIsMadeWhatCameOfItAndEveryFault() {
    List<Round> rounds =
        List.of(
            new Round(KILL, 3, List.of(), List.of(), 9_000, 1_234, "struck 0.5"),
            new Round(KILL, 5, List.of(), List.of(), 11_000, 2_000, ""),
            new Round(FLUSHALL, 7, List.of(), List.of("rebuilt under epoch 2"), 16_000, 400, ""),
            new Round(
                new Fault.KillService(Service.ASSET, 1), 0, List.of(), List.of(), 500, 0, ""));

    String page =
        new CrashPage("./sagax chaos --minutes 30 --seed 7", rounds, List.of()).markdown();

    assertThat(page)
        .isEqualTo(
            """
            ```
            ./sagax chaos --minutes 30 --seed 7
            ```

            | of the whole run | |
            |---|---|
            | faults tried | 4 |
            | of them hit work under way | 3 |
            | lost | 0 |
            | doubled | 0 |
            | stuck | 0 |
            | other contradictions | 0 |
            | longest time from the last healing of a round until all was quiet | 2.0 s |

            | step or part | fault | tried | hit | work under way, at most | seconds each | result |
            |---|---|---|---|---|---|---|
            | `asset-svc` | kill | 1 | 0 | 0 | 0.5 | did not hit |
            | `order-step.after-poll` | kill | 2 | 2 | 5 | 10.0 | ok |
            | `redis` | flushall | 1 | 1 | 7 | 16.0 | ok; ledger rebuilt |
            """);
  }

  @Test
  void countsWhatIsWrongByItsKindOnceForTwoFaultsOfOneRound() {
    List<Finding> findings =
        List.of(
            new Finding(
                Finding.Kind.LOST, 3, "No acknowledged order is lost, but 3 do not: a; b; c"),
            Finding.stuck(2, "2 calls have no answer"));
    List<Round> rounds =
        List.of(
            new Round(KILL, 3, findings, List.of(), 9_000, 0, ""),
            new Round(FLUSHALL, 7, findings, List.of(), 9_000, 0, ""));
    List<Finding> atTheEnd =
        List.of(
            new Finding(Finding.Kind.DOUBLED, 4, "An account's own name is doubled"),
            Finding.wrong("Audit: not\nconserved."));

    String page = new CrashPage("./sagax chaos", rounds, atTheEnd).markdown();

    assertThat(page)
        .contains("| lost | 3 |\n| doubled | 4 |\n| stuck | 2 |\n| other contradictions | 1 |")
        .contains(
            """
            It FAILED:

            - No acknowledged order is lost, but 3 do not: a; b; c
            - Stuck: 2 calls have no answer
            - An account's own name is doubled
            - Audit: not conserved.

            """)
        .contains("| `redis` | flushall | 1 | 1 | 7 | 9.0 | FAILED 1 times |");
  }

  @Test
  void saysWhatClientsDid() {
    Told told = new Told();
    told.repeated();

    assertThat(new CrashPage("./sagax chaos", List.of(), List.of()).under(told).markdown())
        .contains("| answers to clients | 0 |\n| calls that clients made again | 1 |\n")
        .contains("| orders that clients were answered about | 0 |\n");
  }
}
