package dev.sagax.bench.saga;

import com.google.protobuf.Timestamp;
import dev.sagax.proto.order.v1.OrderReason;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import dev.sagax.proto.saga.v1.SagaStep;
import dev.sagax.settle.store.OrderJournal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A saga as lines for people: a step a line, its columns aligned, and a mark before what is
 * compensation.
 */
public final class Timeline {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final List<String> TITLES =
      List.of("TIME (UTC)", "SERVICE", "TOPIC/PARTITION/OFFSET", "SEQ", "", "WHAT");

  private Timeline() {}

  /** The order, its steps, and what it waits for. */
  public static List<String> of(GetSagaResponse saga) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Order %s (%s) in %s is %s"
            .formatted(saga.getOrderId(), saga.getClientOrderId(), saga.getMarket(), status(saga)));
    lines.addAll(table(saga));
    if (saga.getOutcomesLeftOut() > 0) {
      lines.add(
          "%d%s older outcomes are left out."
              .formatted(
                  saga.getOutcomesLeftOut(),
                  saga.getOutcomesLeftOut() < OrderJournal.MOST_COUNTED ? "" : " or more"));
    }
    saga.getMissingList()
        .forEach(part -> lines.add("MISSING %s: %s".formatted(part.getPart(), part.getWhy())));
    lines.add("Waits for: " + saga.getWaitsFor());
    if (!saga.getTraceId().isEmpty()) {
      lines.add("Trace: " + saga.getTraceId());
    }
    return lines;
  }

  private static String status(GetSagaResponse saga) {
    String status = saga.getStatus().name().replace("ORDER_STATUS_", "");
    return saga.getReason() == OrderReason.ORDER_REASON_UNSPECIFIED
        ? status
        : status + " (" + saga.getReason().name().replace("ORDER_REASON_", "") + ")";
  }

  private static List<String> table(GetSagaResponse saga) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(TITLES);
    saga.getStepsList().forEach(step -> rows.add(cells(step)));
    List<Integer> widths = new ArrayList<>();
    for (int column = 0; column < TITLES.size(); column++) {
      int at = column;
      widths.add(rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0));
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static List<String> cells(SagaStep step) {
    return List.of(
        time(step.getTime()),
        step.getService(),
        "%s/%d/%s"
            .formatted(
                step.getTopic(),
                step.getPartition(),
                step.hasOffset() ? Long.toString(step.getOffset()) : "not in the log"),
        step.getSeq() == 0 ? "-" : Long.toString(step.getSeq()),
        step.getCompensation() ? "<-" : "",
        step.getWhat()
            + (step.getDeadLetterId().isEmpty()
                ? ""
                : " (dead letter " + step.getDeadLetterId() + ")"));
  }

  private static String time(Timestamp time) {
    return TIME.format(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
  }

  private static String line(List<String> cells, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      line.append(cells.get(i)).append(" ".repeat(widths.get(i) - cells.get(i).length() + 2));
    }
    return line.toString().stripTrailing();
  }
}
