package dev.sagax.platform.log;

import dev.sagax.platform.fault.FaultInjector;
import dev.sagax.platform.fault.FaultPoint;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** The fault points of one service's step. A boundary that has none is passed for nothing. */
final class StepFaults {
  private final FaultInjector faults;
  private final Map<Boundary, FaultPoint> step;
  private final List<Compensation> compensations;

  /** Where a step can be cut, as {@link FaultPoint} says it. */
  enum Boundary {
    AFTER_POLL,
    BEFORE_HANDLE,
    AFTER_HANDLE,
    BEFORE_COMMIT,
    AFTER_COMMIT,
    MID_PUBLISH,
    AFTER_PUBLISH,
    BEFORE_LOAD,
    AFTER_LOAD,
    AFTER_LEFTOVERS
  }

  /** A batch under way. */
  record Batch(List<LogRecord> records, List<OutboxRecord> outbox) {
    /** What is left to be done: a service that publishes nothing has its records. */
    int work() {
      return outbox.isEmpty() ? records.size() : outbox.size();
    }

    private int read(Topic topic) {
      return (int) records.stream().filter(record -> record.topic() == topic).count();
    }

    private int written(Topic topic) {
      return (int) outbox.stream().filter(record -> record.topic() == topic).count();
    }
  }

  /** Batches of one kind, which have fault points of their own. */
  private record Compensation(Map<Boundary, FaultPoint> points, ToIntFunction<Batch> work) {}

  StepFaults(FaultInjector faults, String service) {
    this.faults = faults;
    this.step = points(service, "STEP_");
    this.compensations =
        List.of(
            new Compensation(
                points(service, "REFUSAL_"), b -> b.written(Topic.MATCH_CANCEL_REQUESTED)),
            new Compensation(points(service, "FAILURE_"), b -> b.written(Topic.MATCH_DLQ)),
            new Compensation(points(service, "UNDO_"), b -> b.read(Topic.MATCH_CANCEL_REQUESTED)),
            new Compensation(
                points(service, "CANCEL_"), b -> b.read(Topic.ORDER_CANCEL_REQUESTED)));
  }

  private static Map<Boundary, FaultPoint> points(String service, String area) {
    Map<Boundary, FaultPoint> points = new EnumMap<>(Boundary.class);
    for (Boundary boundary : Boundary.values()) {
      FaultPoint.of(service, area + boundary).ifPresent(point -> points.put(boundary, point));
    }
    return points;
  }

  void pass(Boundary boundary, int work) {
    pass(step, boundary, work);
  }

  private void pass(Map<Boundary, FaultPoint> points, Boundary boundary, int work) {
    FaultPoint point = points.get(boundary);
    if (point != null) {
      faults.pass(point, work);
    }
  }

  void pass(Boundary boundary, Batch batch) {
    pass(boundary, batch.work());
    for (Compensation one : compensations) {
      if (isArmed(one.points(), boundary)) {
        pass(one.points(), boundary, one.work().applyAsInt(batch));
      }
    }
  }

  boolean isArmed(Boundary boundary) {
    return isArmed(step, boundary);
  }

  private boolean isArmed(Map<Boundary, FaultPoint> points, Boundary boundary) {
    FaultPoint point = points.get(boundary);
    return point != null && faults.isArmed(point);
  }
}
