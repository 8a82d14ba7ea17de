package dev.sagax.settle;

import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Builds a lost or doubted ledger anew from the journal, under a new epoch:
 *
 * <pre>
 *   claim -> check the journal -> fence the ledger -> freeze the journal -> clear -> write
 *     -> compare -> secure -> open
 * </pre>
 *
 * <p>A damaged journal must not overwrite a ledger that may be right. So a journal that contradicts
 * itself is refused, and one that is not what the audit has verified needs a person who says that
 * it is right. Until then nothing is touched, and a running exchange goes on.
 *
 * <p>The ledger is fenced before the journal is frozen. So whatever the old ledger decided, it
 * decided before the freeze, which makes its commit fail; and whoever reads the new epoch from the
 * journal finds the ledger fenced. Nothing is journaled between the freeze and the opening.
 *
 * <p>Cut off anywhere, it leaves a ledger that nobody can write to; running it again begins anew.
 * After it, the log is replayed from the journaled positions; see {@link LedgerReplay}.
 */
public final class LedgerRebuild {
  private static final int MOST_TOLD = 5;
  private static final String IN_SPITE_OF =
      " An operator said that the journal is right in spite of this: ";

  private final FrozenJournal journal;
  private final LedgerSite site;
  private final InstantSource clock;
  private final Consumer<Stage> reached;

  /** How far a rebuild is. */
  public enum Stage {
    CLAIMED("No other rebuild is under way."),
    CHECKED("The journal does not contradict itself, or what the audit has kept of it."),
    FENCED("The ledger is closed to all services."),
    FROZEN("The journal has a new epoch; older decisions cannot be journaled any more."),
    CLEARED("Redis holds nothing of the old ledger."),
    WRITTEN("Balances, holds, sums and marks are written."),
    COMPARED("Redis equals the journal."),
    SECURED("Redis has rewritten its append-only file."),
    OPENED("The ledger is open under the new epoch.");

    /** The same for people. */
    public final String words;

    Stage(String words) {
      this.words = words;
    }
  }

  /**
   * What was built.
   *
   * @param proof the comparison of ledger and journal
   * @param comparedRows how many rows of the journal were compared with what the audit has kept of
   *     them; 0: it has kept nothing, so nobody knows whether they were changed
   */
  public record Rebuilt(long epoch, AuditReport proof, long comparedRows) {}

  /**
   * @param reached is told of each stage when it is done
   */
  public LedgerRebuild(
      FrozenJournal journal, LedgerSite site, InstantSource clock, Consumer<Stage> reached) {
    this.journal = journal;
    this.site = site;
    this.clock = clock;
    this.reached = reached;
  }

  /**
   * @param reason why; kept with the epoch
   * @param journalIsRight whether a person says so, though it is not what the audit has verified;
   *     what was found is kept with the epoch
   * @return fails with {@link LedgerRefusedException} if a person has to do something first
   */
  public Future<Rebuilt> run(String reason, boolean journalIsRight) {
    return journal
        .claim()
        .compose(v -> reach(Stage.CLAIMED))
        .compose(v -> check(reason, journalIsRight))
        .compose(permit ->
            reach(Stage.CHECKED)
                .compose(v -> fence())
                .compose(v -> reach(Stage.FENCED))
                .compose(
                    v -> journal.freeze(permit.reason(), nowMicros(), permit.inSpiteOfChanges()))
                .compose(epoch ->
                    reach(Stage.FROZEN).compose(v -> build(epoch, permit.comparedRows()))));
  }

  /**
   * What a rebuild goes on with.
   *
   * @param reason to be kept with the epoch
   * @param inSpiteOfChanges a person says that the journal is right
   * @param comparedRows of the journal, with what the audit has kept of them
   */
  private record Permit(String reason, boolean inSpiteOfChanges, long comparedRows) {}

  private Future<Permit> check(String reason, boolean journalIsRight) {
    JournalCheck check = new JournalCheck(journal);
    return check
        .contradictions()
        .map(LedgerRebuild::requireNone)
        .compose(v -> check.changes())
        .map(changes -> permit(reason, journalIsRight, changes));
  }

  private static Permit permit(
      String reason, boolean journalIsRight, JournalScrub.Compared compared) {
    List<String> changes = compared.findings();
    if (changes.isEmpty()) {
      return new Permit(reason, false, compared.rows());
    }
    if (!journalIsRight) {
      throw changed(changes);
    }
    return new Permit(reason + IN_SPITE_OF + sentences(changes), true, compared.rows());
  }

  private static Void requireNone(List<String> contradictions) {
    if (!contradictions.isEmpty()) {
      throw new LedgerRefusedException(
          "The journal contradicts itself, so no ledger can be rebuilt from it: %s Redis was not touched. Restore PostgreSQL."
              .formatted(sentences(contradictions)));
    }
    return null;
  }

  private static LedgerRefusedException changed(List<String> changes) {
    return new LedgerRefusedException(
        ("The journal is not what it was when the audit verified it, and Redis may be the good copy: %s Redis was not touched."
                + " Restore PostgreSQL; or, if the journal is right in spite of it, rebuild with --force.")
            .formatted(sentences(changes)));
  }

  private static String sentences(List<String> findings) {
    return String.join(" ", findings.subList(0, Math.min(MOST_TOLD, findings.size())));
  }

  /**
   * Who owns the place is read under the claim. So a rebuild that stood still while another one was
   * done either finds its claim gone, or another owner.
   */
  private Future<Void> fence() {
    return site.owner().compose(owner -> journal.confirmClaim().compose(v -> site.fence(owner)));
  }

  private Future<Rebuilt> build(long epoch, long comparedRows) {
    return site.clear()
        .compose(v -> reach(Stage.CLEARED))
        .compose(v -> journal.pages(site::write))
        .compose(v -> reach(Stage.WRITTEN))
        .compose(v -> compare())
        .compose(proof ->
            reach(Stage.COMPARED)
                .compose(v -> site.secure())
                .compose(v -> reach(Stage.SECURED))
                .compose(v -> site.open(epoch))
                .compose(v -> reach(Stage.OPENED))
                .map(v -> new Rebuilt(epoch, proof, comparedRows)));
  }

  /** The journal is read again, so that an error in reading it once does not agree with itself. */
  private Future<AuditReport> compare() {
    return site.image()
        .compose(ledger -> journal.image().map(folded -> Audit.ofRebuilt(ledger, folded)))
        .map(LedgerRebuild::requireEqual);
  }

  private static AuditReport requireEqual(AuditReport report) {
    if (!report.conserved() || !report.sameMoment()) {
      List<String> findings = report.findings();
      throw new LedgerRefusedException(
          "The rebuilt ledger differs from the journal and stays closed. %s"
              .formatted(
                  findings.isEmpty() ? "Somebody wrote to one of them." : findings.getFirst()));
    }
    return report;
  }

  private Future<Void> reach(Stage stage) {
    reached.accept(stage);
    return Future.succeededFuture();
  }

  private long nowMicros() {
    return TimeUnit.MILLISECONDS.toMicros(clock.millis());
  }
}
