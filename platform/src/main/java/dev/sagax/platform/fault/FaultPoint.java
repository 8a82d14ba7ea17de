package dev.sagax.platform.fault;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Every place where a fault can be made, written {@code service-area.boundary}, as in {@code
 * order-step.before-commit}. Each lies between two effects that the world may see one without the
 * other, and is passed with the number of records or calls that are under way there.
 *
 * <p>In the areas named "step" the boundaries are those of the step's loop:
 *
 * <ul>
 *   <li>after-poll: records are read, none is accepted yet
 *   <li>before-handle: a batch is accepted
 *   <li>after-handle: it is decided, and the ledger has done its part; nothing is in PostgreSQL
 *   <li>before-commit: all statements of the transaction are executed
 *   <li>after-commit: it is committed, nothing of it is published
 *   <li>mid-publish: half of its records are acknowledged, the others are not sent
 *   <li>after-publish: all of them are acknowledged
 *   <li>before-load, after-load: around reading everything afresh, after a failure or a restart
 *   <li>after-leftovers: what a former run had committed is published, reading has not begun
 * </ul>
 */
public enum FaultPoint {
  ORDER_STEP_AFTER_POLL,
  ORDER_STEP_BEFORE_HANDLE,
  ORDER_STEP_AFTER_HANDLE,
  ORDER_STEP_BEFORE_COMMIT,
  ORDER_STEP_AFTER_COMMIT,
  ORDER_STEP_MID_PUBLISH,
  ORDER_STEP_AFTER_PUBLISH,
  ORDER_STEP_BEFORE_LOAD,
  ORDER_STEP_AFTER_LOAD,
  ORDER_STEP_AFTER_LEFTOVERS,

  MATCH_STEP_AFTER_POLL,
  MATCH_STEP_BEFORE_HANDLE,
  MATCH_STEP_AFTER_HANDLE,
  MATCH_STEP_BEFORE_COMMIT,
  MATCH_STEP_AFTER_COMMIT,
  MATCH_STEP_MID_PUBLISH,
  MATCH_STEP_AFTER_PUBLISH,
  MATCH_STEP_BEFORE_LOAD,
  MATCH_STEP_AFTER_LOAD,
  MATCH_STEP_AFTER_LEFTOVERS,

  SETTLE_STEP_AFTER_POLL,
  SETTLE_STEP_BEFORE_HANDLE,
  SETTLE_STEP_AFTER_HANDLE,
  SETTLE_STEP_BEFORE_COMMIT,
  SETTLE_STEP_AFTER_COMMIT,
  SETTLE_STEP_MID_PUBLISH,
  SETTLE_STEP_AFTER_PUBLISH,
  SETTLE_STEP_BEFORE_LOAD,
  SETTLE_STEP_AFTER_LOAD,
  SETTLE_STEP_AFTER_LEFTOVERS,

  /** asset-svc publishes nothing. */
  ASSET_STEP_AFTER_POLL,
  ASSET_STEP_BEFORE_HANDLE,
  ASSET_STEP_AFTER_HANDLE,
  ASSET_STEP_BEFORE_COMMIT,
  ASSET_STEP_AFTER_COMMIT,
  ASSET_STEP_BEFORE_LOAD,
  ASSET_STEP_AFTER_LOAD,

  /** Batches in which the ledger refuses an outcome. */
  SETTLE_REFUSAL_BEFORE_COMMIT,
  SETTLE_REFUSAL_AFTER_COMMIT,
  SETTLE_REFUSAL_AFTER_PUBLISH,

  /** Batches with an instruction that the book threw on. */
  MATCH_FAILURE_BEFORE_COMMIT,
  MATCH_FAILURE_AFTER_COMMIT,
  MATCH_FAILURE_AFTER_PUBLISH,

  /** Batches that undo a refused outcome. */
  MATCH_UNDO_BEFORE_COMMIT,
  MATCH_UNDO_AFTER_COMMIT,
  MATCH_UNDO_AFTER_PUBLISH,

  /** Batches that learn why an order is being cancelled: not settled, or not matched. */
  ORDER_CANCEL_BEFORE_COMMIT,
  ORDER_CANCEL_AFTER_COMMIT,
  ORDER_CANCEL_AFTER_PUBLISH,

  /** Inside the book; what is thrown here is the order's fault: it ends with MATCH_FAILED. */
  MATCH_BOOK_APPLY,

  /** order-svc's call of the ledger; before it, the batch is decoded and its orders are loaded. */
  ORDER_HOLD_BEFORE_CALL,
  ORDER_HOLD_AFTER_CALL,

  /** Scripts of the ledger; mid: between two scripts of one batch. */
  SETTLE_REDIS_BEFORE_HOLD,
  SETTLE_REDIS_MID_HOLD,
  SETTLE_REDIS_AFTER_HOLD,
  SETTLE_REDIS_BEFORE_SETTLE,
  SETTLE_REDIS_MID_SETTLE,
  SETTLE_REDIS_AFTER_SETTLE,
  SETTLE_REDIS_BEFORE_TRANSFER,
  SETTLE_REDIS_MID_TRANSFER,
  SETTLE_REDIS_AFTER_TRANSFER,

  /** The journal's transaction of a batch of holds; before-reply: the answer is journaled. */
  SETTLE_HOLD_BEFORE_JOURNAL,
  SETTLE_HOLD_AFTER_JOURNAL,
  SETTLE_HOLD_BEFORE_REPLY,

  /** Opening the ledger, when the service starts or its connection to Redis was lost. */
  SETTLE_LEDGER_BEFORE_OPEN,
  SETTLE_LEDGER_BEFORE_REWRITE,
  SETTLE_LEDGER_AFTER_REWRITE,
  SETTLE_LEDGER_AFTER_OPEN,

  ORDER_API_BEFORE_APPEND,
  ORDER_API_AFTER_APPEND,
  ORDER_API_BEFORE_REPLY,
  ASSET_API_BEFORE_APPEND,
  ASSET_API_AFTER_APPEND,
  ASSET_API_BEFORE_REPLY,

  /** Replay of a dead letter: its intent is committed; its record is appended, no row says so. */
  ORDER_DLQ_BEFORE_APPEND,
  ORDER_DLQ_AFTER_APPEND,
  SETTLE_DLQ_BEFORE_APPEND,
  SETTLE_DLQ_AFTER_APPEND;

  private final String text = textOf(name());

  /** ORDER_STEP_AFTER_POLL -> order-step.after-poll */
  private static String textOf(String name) {
    return name.toLowerCase(Locale.ROOT)
        .replaceFirst("_", "-")
        .replaceFirst("_", ".")
        .replace('_', '-');
  }

  /** The service that passes it: "order-svc". */
  public String service() {
    return name().substring(0, name().indexOf('_')).toLowerCase(Locale.ROOT) + "-svc";
  }

  /**
   * The point of this area and boundary, if the service has it.
   *
   * @param service "order-svc"
   * @param place "STEP_AFTER_POLL"
   */
  public static Optional<FaultPoint> of(String service, String place) {
    String name = service.replace("-svc", "").toUpperCase(Locale.ROOT) + "_" + place;
    return Arrays.stream(values()).filter(point -> point.name().equals(name)).findFirst();
  }

  /**
   * The point that has to throw before this one is passed with work: a partition is loaded when its
   * step has failed, and an order cannot be matched when the book throws on it. Empty if the flow
   * itself leads here. The areas "refusal", "undo" and "cancel" are reached when the ledger refuses
   * an outcome because a hold is missing, the area "dlq" when a dead letter is replayed.
   */
  public Optional<FaultPoint> provokedBy() {
    if (name().startsWith("MATCH_FAILURE_")) {
      return Optional.of(MATCH_BOOK_APPLY);
    }
    if (name().endsWith("_STEP_BEFORE_LOAD") || name().endsWith("_STEP_AFTER_LOAD")) {
      return of(service(), "STEP_AFTER_HANDLE");
    }
    return name().endsWith("_STEP_AFTER_LEFTOVERS")
        ? of(service(), "STEP_AFTER_COMMIT")
        : Optional.empty();
  }

  /**
   * @param text as in {@link #toString}
   * @throws IllegalArgumentException naming all points if there is none
   */
  public static FaultPoint ofText(String text) {
    return Arrays.stream(values())
        .filter(point -> point.text.equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "There is no fault point %s; there are %s."
                    .formatted(
                        text,
                        Arrays.stream(values())
                            .map(FaultPoint::toString)
                            .collect(Collectors.joining(", ")))));
  }

  /** "order-step.after-poll" */
  @Override
  public String toString() {
    return text;
  }
}
