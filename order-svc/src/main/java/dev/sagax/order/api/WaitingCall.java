package dev.sagax.order.api;

import dev.sagax.order.Order;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.proto.event.v1.UpdateStage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One call between its append and its answer:
 *
 * <pre>
 * appending -> recorded (its position is known) -> decided (the news of that position) -> answered
 * </pre>
 *
 * News may come before the append is acknowledged; it is kept until the position is known.
 */
final class WaitingCall<A> {

  /** What a kind of call makes of news. */
  @FunctionalInterface
  interface Rule<A> {
    /**
     * Told the decision of the call's own instruction and everything about the order after it.
     *
     * @param own whether the news is about the call's own instruction
     * @return the answer; empty to wait on
     * @throws RefusedException if the answer is a refusal
     */
    Optional<A> answer(News news, boolean own);

    /**
     * What to answer if there is no more time.
     *
     * @param known what was to be answered before this news
     */
    default Optional<A> soFar(Optional<A> known, News news) {
      return known;
    }
  }

  /** A rule of a call that is about one order: at any time the newest state of it is an answer. */
  @FunctionalInterface
  interface OrderRule extends Rule<Order> {

    @Override
    default Optional<Order> soFar(Optional<Order> known, News news) {
      return news.order()
          .filter(order -> known.isEmpty() || known.get().version() < order.version())
          .or(() -> known);
    }
  }

  private static final long UNKNOWN = -1;

  private final String orderId;
  private final int partition;
  private final Rule<A> rule;
  private final List<News> early = new ArrayList<>();
  private final Promise<Optional<A>> answer = Promise.promise();
  private long position = UNKNOWN;
  private boolean decided;
  private Optional<A> soFar = Optional.empty();

  WaitingCall(String orderId, int partition, Rule<A> rule) {
    this.orderId = orderId;
    this.partition = partition;
    this.rule = rule;
  }

  String orderId() {
    return orderId;
  }

  int partition() {
    return partition;
  }

  /** The answer; empty if only the append is known when it must be answered. */
  Future<Optional<A>> answer() {
    return answer.future();
  }

  /** The append got its position. */
  void recorded(long atPosition) {
    position = atPosition;
    early.forEach(this::consider);
    early.clear();
  }

  /** The append failed. */
  void failed(Throwable failure) {
    answer.tryFail(failure);
  }

  /** Whoever waits for nothing but the append is answered now. */
  void answerNow() {
    answer.tryComplete(soFar);
  }

  /** There is no more time: the newest that is known, or that nothing is. */
  void outOfTime() {
    if (position == UNKNOWN) {
      answer.tryFail(
          Refusal.of(
                  Reason.OUTCOME_UNKNOWN,
                  "The log has not acknowledged the instruction in time. Ask again with the same"
                      + " id.")
              .asException());
    } else {
      answerNow();
    }
  }

  void hear(News news) {
    if (position == UNKNOWN) {
      early.add(news);
    } else {
      consider(news);
    }
  }

  private void consider(News news) {
    if (news.partition() != partition || answer.future().isComplete()) {
      return;
    }
    boolean own = news.instruction() == position;
    decided |= own && news.stage() == UpdateStage.UPDATE_STAGE_DECIDED;
    if (!decided) {
      return;
    }
    try {
      rule.answer(news, own).ifPresent(found -> answer.tryComplete(Optional.of(found)));
      soFar = rule.soFar(soFar, news);
    } catch (RefusedException refused) {
      answer.tryFail(refused);
    }
  }
}
