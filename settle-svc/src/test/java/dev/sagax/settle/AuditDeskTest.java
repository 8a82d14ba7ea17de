package dev.sagax.settle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class AuditDeskTest {
  private static final long SHORT_MILLIS = 500;
  private static final long LONG_MILLIS = 60_000;
  private static final AuditReport CLEAN = new AuditReport(List.of(), List.of(), 0, true);

  @Test
  void auditThatHangsFailsAndTheNextOneStartsAfresh() throws Exception {
    Queue<Future<AuditReport>> reports = new ArrayDeque<>();
    reports.add(Promise.<AuditReport>promise().future());
    reports.add(Future.succeededFuture(CLEAN));
    AuditDesk audits = new AuditDesk(reports::remove, SHORT_MILLIS);

    Future<AuditReport> hanging = audits.audit();

    assertThat(audits.audit()).isSameAs(hanging);
    assertThatThrownBy(() -> await(hanging)).hasRootCauseInstanceOf(TimeoutException.class);
    assertThat(await(audits.audit()).conserved()).isTrue();
  }

  @Test
  void laterQuestionIsNotAnsweredByAnAuditThatRunsAlready() throws Exception {
    Promise<AuditReport> old = Promise.promise();
    Promise<AuditReport> young = Promise.promise();
    Queue<Future<AuditReport>> reports = new ArrayDeque<>(List.of(old.future(), young.future()));
    AuditDesk audits = new AuditDesk(reports::remove, LONG_MILLIS);
    Future<AuditReport> running = audits.audit();

    Future<AuditReport> later = audits.auditFromNow();
    assertThat(audits.auditFromNow()).isSameAs(later);
    old.complete(CLEAN);
    await(running);

    assertThat(later.isComplete()).isFalse();
    young.complete(CLEAN);
    assertThat(await(later).conserved()).isTrue();
    assertThat(reports).isEmpty();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }
}
