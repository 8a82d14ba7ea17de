package dev.sagax.asset.saga;

import dev.sagax.asset.AwaitedAnswers;
import dev.sagax.asset.OperatorDecision;
import dev.sagax.asset.Transfer;
import dev.sagax.asset.TransferLog;
import dev.sagax.platform.log.DeterministicId;
import dev.sagax.platform.log.LogAppender;
import dev.sagax.platform.log.LogFollower;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.PartitionStoppedException;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The transfer log on the topic transfer.requested. */
public final class KafkaTransferLog implements TransferLog {
  private static final Logger logger = LoggerFactory.getLogger(KafkaTransferLog.class);

  private final LogAppender appender;
  private final LogFollower follower;
  private final IntSupplier partitions;

  /**
   * @param partitions that the accounts are shared out among; asked with the first call
   */
  public KafkaTransferLog(LogAppender appender, LogFollower follower, IntSupplier partitions) {
    this.appender = appender;
    this.follower = follower;
    this.partitions = partitions;
  }

  @Override
  public int partitionOf(String account) {
    return DeterministicId.accountPartition(account, partitions.getAsInt());
  }

  @Override
  public Future<Long> append(Transfer pending) {
    return appender.append(
        Topic.TRANSFER_REQUESTED,
        partitionOf(pending.account()),
        pending.account(),
        TransferEvents.encode(pending));
  }

  @Override
  public Future<Long> append(OperatorDecision decision, long timeMicros) {
    return appender.append(
        Topic.TRANSFER_REQUESTED,
        partitionOf(decision.account()),
        decision.account(),
        TransferEvents.encode(decision, timeMicros));
  }

  @Override
  public Future<Long> lastPosition(int partition) {
    return follower.endOffsets(Topic.TRANSFER_REQUESTED).map(ends -> ends.get(partition) - 1);
  }

  /** Hands every answer that is followed live to the calls that wait. */
  public static Consumer<LogRecord> deliverTo(AwaitedAnswers answers) {
    return record -> {
      try {
        answers.arrived(TransferEvents.decodeAnswer(record));
      } catch (PartitionStoppedException unreadable) {
        logger
            .atWarn()
            .addKeyValue("topic", record.topic())
            .addKeyValue("partition", record.partition())
            .addKeyValue("offset", record.offset())
            .log("No waiting call gets this answer: {}", unreadable.getMessage());
      }
    };
  }
}
