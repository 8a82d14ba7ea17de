package dev.sagax.match.saga;

import com.google.protobuf.MessageLite;
import dev.sagax.match.StateSet;
import dev.sagax.match.Trade;
import dev.sagax.match.store.PgMarketStates;
import dev.sagax.match.store.PgTrades;
import dev.sagax.match.store.PgTrades.TradeKey;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepWrites;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.tracing.Fact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What a batch leaves behind; kept here until all of it is decided, because it may start over. */
final class DecidedBatch {
  private final List<Consumer<StepWrites>> emitted = new ArrayList<>();
  private final List<Trade> trades = new ArrayList<>();
  private final List<TradeKey> undone = new ArrayList<>();
  private final Map<String, StateSet> states = new LinkedHashMap<>();

  void emit(LogRecord cause, Topic topic, String market, MessageLite event) {
    emitted.add(step -> step.emit(cause, topic, market, event));
  }

  /** Says what a record is about, for its trace. */
  void tell(LogRecord record, Fact fact, Supplier<String> value) {
    emitted.add(step -> step.tell(record, fact, value));
  }

  void deadLetter(LogRecord record, String orderId, String error) {
    emitted.add(step -> step.deadLetter(Topic.MATCH_DLQ, record, orderId, error));
  }

  void traded(List<Trade> more) {
    trades.addAll(more);
  }

  void undone(String market, List<Long> tradeIds) {
    tradeIds.forEach(id -> undone.add(new TradeKey(market, id)));
  }

  void set(StateSet state) {
    states.put(state.market(), state);
  }

  /** How many trades it writes or marks. */
  int weight() {
    return trades.size() + undone.size();
  }

  void leave(PgTrades table, StepWrites step) {
    emitted.forEach(emit -> emit.accept(step));
    table.insert(trades, step);
    table.cancel(undone, step);
    PgMarketStates.save(states.values(), step);
  }
}
