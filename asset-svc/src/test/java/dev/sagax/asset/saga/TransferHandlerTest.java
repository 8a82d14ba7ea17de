package dev.sagax.asset.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.MessageLite;
import dev.sagax.asset.OperatorDecision;
import dev.sagax.asset.Transfer;
import dev.sagax.asset.Transfer.Outcome;
import dev.sagax.asset.TransferRequest;
import dev.sagax.asset.store.PgTransfers;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.event.v1.TransferAnswer;
import dev.sagax.proto.event.v1.TransferCompleted;
import dev.sagax.proto.event.v1.TransferRejected;
import dev.sagax.proto.event.v1.TransferRejection;
import dev.sagax.proto.event.v1.TransferRequested;
import dev.sagax.proto.event.v1.TransferStage;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransferHandlerTest {
  private static final TransferRequested REQUESTED =
      TransferEvents.encode(
          new Transfer(
              "t-1", new TransferRequest.Withdrawal("ann", "BTC", 5, "r-1"), 7, Outcome.PENDING));

  private final RecordedWrites step = new RecordedWrites();
  private final TransferHandler handler =
      new TransferHandler(
          new PgTransfers(null), transfer -> !transfer.account().equals("stranger"));

  @Test
  void aRequestIsRecordedAsPendingAndTheLogAsReadUpToIt() {
    handle(record(Topic.TRANSFER_REQUESTED, 4, REQUESTED));

    assertThat(step.outcomes()).containsExactly("PENDING");
    assertThat(step.last().getInteger(0)).isEqualTo(2);
    assertThat(step.last().getLong(1)).isEqualTo(4);
  }

  @Test
  void aDecisionIsRecordedWithItsOutcome() {
    handle(record(Topic.TRANSFER_COMPLETED, 1, completed(TransferAnswer.TRANSFER_ANSWER_APPLIED)));
    handle(
        record(
            Topic.TRANSFER_REJECTED,
            1,
            rejected(TransferRejection.TRANSFER_REJECTION_INSUFFICIENT_FUNDS)));
    handle(
        record(
            Topic.TRANSFER_REJECTED,
            2,
            rejected(TransferRejection.TRANSFER_REJECTION_SUPPLY_LIMIT)));

    assertThat(step.outcomes()).containsExactly("COMPLETED", "INSUFFICIENT_FUNDS", "SUPPLY_LIMIT");
  }

  /** The upsert must not touch a row twice. */
  @Test
  void aWithdrawalThatIsHeldAndEndedInOneBatchIsWrittenOnceAsEnded() {
    TransferCompleted held = completed(TransferAnswer.TRANSFER_ANSWER_APPLIED);

    handle(
        record(
            Topic.TRANSFER_COMPLETED,
            1,
            held.toBuilder().setStage(TransferStage.TRANSFER_STAGE_HELD).build()),
        record(
            Topic.TRANSFER_COMPLETED,
            2,
            held.toBuilder().setStage(TransferStage.TRANSFER_STAGE_RETURNED).build()));

    assertThat(step.outcomes()).containsExactly("RETURNED");
  }

  @Test
  void anOperatorsDecisionIsNoTransferButIsRead() {
    TransferRequested freeze =
        TransferEvents.encode(
            new OperatorDecision.AccountFreeze("ann", true, "operator", "asked"), 7);

    handle(record(Topic.TRANSFER_REQUESTED, 4, freeze));
    handle(
        record(
            Topic.TRANSFER_COMPLETED,
            1,
            TransferCompleted.newBuilder()
                .setTransfer(freeze)
                .setAnswer(TransferAnswer.TRANSFER_ANSWER_APPLIED)
                .setFreeze(freeze.getFreeze())
                .build()),
        record(
            Topic.TRANSFER_REJECTED,
            1,
            TransferRejected.newBuilder()
                .setTransfer(freeze)
                .setAnswer(TransferAnswer.TRANSFER_ANSWER_UNKNOWN)
                .build()));

    assertThat(step.outcomes()).isEmpty();
    assertThat(step.last().getLong(1)).isEqualTo(4);
  }

  @Test
  void repeatsAndConflictsChangeNothing() {
    handle(
        record(Topic.TRANSFER_COMPLETED, 1, completed(TransferAnswer.TRANSFER_ANSWER_REPEATED)),
        record(Topic.TRANSFER_COMPLETED, 2, completed(TransferAnswer.TRANSFER_ANSWER_CONFLICT)));

    assertThat(step.writes).isEmpty();
  }

  @Test
  void aRequestThatCannotBeReadIsPassedOver() {
    handle(new LogRecord(Topic.TRANSFER_REQUESTED, 2, 4, 4, null, new byte[] {1, 2, 3}));
    handle(new LogRecord(Topic.TRANSFER_REQUESTED, 2, 5, 5, null, null));

    assertThat(step.outcomes()).isEmpty();
    assertThat(step.last().getLong(1)).isEqualTo(5);
  }

  @Test
  void aRequestThatNoApiHasWrittenIsPassedOver() {
    TransferRequested strange = REQUESTED.toBuilder().setAccount("stranger").build();

    handle(
        record(Topic.TRANSFER_REQUESTED, 4, strange),
        record(Topic.TRANSFER_REQUESTED, 5, REQUESTED));

    assertThat(step.outcomes()).containsExactly("PENDING");
    assertThat(step.last().getLong(1)).isEqualTo(5);
  }

  @Test
  void anAnswerThatCannotBeReadStopsThePartition() {
    LogRecord broken = new LogRecord(Topic.TRANSFER_COMPLETED, 2, 9, 9, null, new byte[] {1, 2, 3});
    LogRecord empty = new LogRecord(Topic.TRANSFER_REJECTED, 2, 9, 9, null, null);
    LogRecord undecided =
        record(Topic.TRANSFER_COMPLETED, 9, completed(TransferAnswer.TRANSFER_ANSWER_UNSPECIFIED));

    for (LogRecord record : List.of(broken, empty, undecided)) {
      assertThatThrownBy(() -> handle(record))
          .isInstanceOf(PartitionStoppedException.class)
          .hasMessageContaining("Record 9 of " + record.topic() + "-2");
    }
    assertThat(step.writes).isEmpty();
  }

  private void handle(LogRecord... records) {
    assertThat(handler.handle(List.of(records), step).succeeded()).isTrue();
  }

  private static LogRecord record(Topic topic, long position, MessageLite message) {
    return new LogRecord(topic, 2, position, position, null, message.toByteArray());
  }

  private static TransferCompleted completed(TransferAnswer answer) {
    return TransferCompleted.newBuilder().setAnswer(answer).setTransfer(REQUESTED).build();
  }

  private static TransferRejected rejected(TransferRejection rejection) {
    return TransferRejected.newBuilder()
        .setAnswer(TransferAnswer.TRANSFER_ANSWER_APPLIED)
        .setTransfer(REQUESTED)
        .setRejection(rejection)
        .build();
  }

  private record Write(String sql, Tuple parameters) {}

  /** Remembers what a batch would have written. */
  private static final class RecordedWrites implements StepWrites {
    private static final int OUTCOME_COLUMN = 7;
    private final List<Write> writes = new ArrayList<>();

    List<String> outcomes() {
      return writes.stream()
          .filter(write -> write.sql.contains("assets.transfers"))
          .flatMap(write -> List.of((String[]) write.parameters.getValue(OUTCOME_COLUMN)).stream())
          .toList();
    }

    Tuple last() {
      return writes.getLast().parameters;
    }

    @Override
    public void write(String sql, Tuple parameters) {
      writes.add(new Write(sql, parameters));
    }

    @Override
    public long emit(Topic topic, String key, MessageLite message) {
      throw new AssertionError("asset-svc has no outputs");
    }

    @Override
    public void deadLetter(Topic dlq, LogRecord record, String subject, String error) {
      throw new AssertionError("asset-svc has no dead letters");
    }

    @Override
    public void leave(int records) {
      throw new AssertionError("asset-svc handles all of a batch");
    }

    @Override
    public SqlClient db() {
      throw new AssertionError("asset-svc decides nothing");
    }
  }
}
