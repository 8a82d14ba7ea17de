package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuditDeskTest {
  private static final long SHORT_MILLIS = 500;
  private static final LedgerImage EMPTY =
      new LedgerImage(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void auditThatHangsFailsAndTheNextOneStartsAfresh() throws Exception {
    Queue<Future<LedgerImage>> images = new ArrayDeque<>();
    images.add(Promise.<LedgerImage>promise().future());
    images.add(Future.succeededFuture(EMPTY));
    AuditDesk audits = new AuditDesk(vertx, new Images(images), new EmptyJournal(), SHORT_MILLIS);

    Future<AuditReport> hanging = audits.audit();

    assertThat(audits.audit()).isSameAs(hanging);
    assertThatThrownBy(() -> await(hanging)).hasRootCauseInstanceOf(TimeoutException.class);
    assertThat(await(audits.audit()).conserved()).isTrue();
  }

  @Test
  void laterQuestionIsNotAnsweredByAnAuditThatRunsAlready() throws Exception {
    Promise<LedgerImage> old = Promise.promise();
    Promise<LedgerImage> young = Promise.promise();
    Queue<Future<LedgerImage>> images = new ArrayDeque<>(List.of(old.future(), young.future()));
    AuditDesk audits = new AuditDesk(vertx, new Images(images), new EmptyJournal());
    Future<AuditReport> running = audits.audit();

    Future<AuditReport> later = audits.auditFromNow();
    assertThat(audits.auditFromNow()).isSameAs(later);
    old.complete(EMPTY);
    await(running);

    assertThat(later.isComplete()).isFalse();
    young.complete(EMPTY);
    assertThat(await(later).conserved()).isTrue();
    assertThat(images).isEmpty();
  }

  /** Of the ledger the audit asks the image alone. */
  private record Images(Queue<Future<LedgerImage>> images) implements Ledger {
    @Override
    public Future<LedgerImage> image() {
      return images.remove();
    }

    @Override
    public Future<List<Verdict.OfHold>> hold(long epoch, Stretch stretch, List<Hold> holds) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<List<Verdict.OfSettlement>> settle(
        Stretch stretch, List<Settlement> settlements) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<List<Verdict.OfTransfer>> transfer(Stretch stretch, List<Transfer> transfers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<List<Balance>> balances(String account) {
      throw new UnsupportedOperationException();
    }
  }

  /** Of the journal, too. */
  private static final class EmptyJournal implements Journal {
    @Override
    public Future<JournalImage> image() {
      return Future.succeededFuture(
          new JournalImage(Map.of(), Map.of(), Map.of(), List.of(), 0, 0));
    }

    @Override
    public Future<JournalState> state() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<Long> beginEpoch(long epoch) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<HoldPosition> holdPosition(int partition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<Boolean> recordHolds(
        long epoch, Stretch stretch, List<Hold> holds, List<Verdict.OfHold> verdicts) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<Map<Long, DecidedHold>> decidedHolds(int partition, List<Long> positions) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<List<OpenHold>> openHolds(String account, String after, int limit) {
      throw new UnsupportedOperationException();
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }
}
