package dev.sagax.asset.saga;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.asset.LedgerAnswer;
import dev.sagax.asset.Transfer;
import dev.sagax.asset.TransferAnswer;
import dev.sagax.asset.store.PgTransfers;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepHandler;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records requested transfers as pending and decided ones with their outcome. A transfer's answer
 * may be read before its request, since the two are topics of their own: an outcome is never
 * overwritten by a request.
 */
final class TransferHandler implements StepHandler {
  private static final Logger log = LoggerFactory.getLogger(TransferHandler.class);

  private final PgTransfers rows;
  private final Predicate<Transfer> belongs;

  /**
   * @param belongs whether a requested transfer has any business in this partition of the log
   */
  TransferHandler(PgTransfers rows, Predicate<Transfer> belongs) {
    this.rows = rows;
    this.belongs = belongs;
  }

  @Override
  public Future<Void> load(SqlClient snapshot) {
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> handle(List<LogRecord> records, StepWrites step) {
    List<Transfer> requested = new ArrayList<>();
    Map<String, Transfer> decided = new LinkedHashMap<>();
    OptionalLong recordedTo = OptionalLong.empty();
    for (LogRecord record : records) {
      if (record.topic() == Topic.TRANSFER_REQUESTED) {
        addRequested(record, requested);
        recordedTo = OptionalLong.of(record.position());
      } else {
        addDecided(TransferEvents.decodeAnswer(record), decided);
      }
    }
    rows.insertRequested(requested, step);
    rows.upsertDecided(List.copyOf(decided.values()), step);
    recordedTo.ifPresent(
        position -> rows.recordedTo(records.getFirst().partition(), position, step));
    return Future.succeededFuture();
  }

  /**
   * A request that nobody can carry out is settle-svc's to dead-letter; here it leaves no transfer.
   */
  private void addRequested(LogRecord record, List<Transfer> requested) {
    try {
      Optional<Transfer> transfer = TransferEvents.decodeRequested(record.value());
      if (transfer.filter(belongs.negate()).isPresent()) {
        warnOfPoison(record, "no API has written it.");
      } else {
        transfer.ifPresent(requested::add);
      }
    } catch (InvalidProtocolBufferException e) {
      warnOfPoison(record, e.getMessage());
    }
  }

  private static void warnOfPoison(LogRecord record, String why) {
    log.atWarn()
        .addKeyValue("topic", record.topic())
        .addKeyValue("partition", record.partition())
        .addKeyValue("offset", record.offset())
        .log("A requested transfer is not listed: {}", why);
  }

  /** A withdrawal may be decided twice in a batch: held, and then ended. */
  private static void addDecided(LedgerAnswer answer, Map<String, Transfer> decided) {
    if (answer instanceof TransferAnswer(var instruction, var kind, var transfer, var conflicts)) {
      switch (kind) {
        case APPLIED -> decided.put(transfer.transferId(), transfer);
        case REPEATED, CONFLICT -> {}
      }
    }
  }
}
