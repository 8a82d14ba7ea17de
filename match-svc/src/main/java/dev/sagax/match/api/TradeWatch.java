package dev.sagax.match.api;

import dev.sagax.match.SettledTrade;
import dev.sagax.match.api.TradeWatch.Settled;
import dev.sagax.match.saga.MarketDataSaga;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.match.saga.SettledEvents;
import dev.sagax.platform.boot.ServicePlatform;
import dev.sagax.platform.log.LogRecord;
import dev.sagax.platform.log.StepPositions;
import dev.sagax.platform.log.Topic;
import dev.sagax.platform.money.Market;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.GrpcEdge;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.platform.stream.LogTail;
import dev.sagax.proto.market.v1.MarketDataServiceGrpcService;
import dev.sagax.proto.market.v1.WatchTradesRequest;
import dev.sagax.proto.market.v1.WatchTradesResponse;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * {@code WatchTrades}: settled trades, from the log that says so. Without a cursor it begins where
 * the rows of the market data stand, so that no trade is missing between a list and a stream that
 * was opened before it.
 */
public final class TradeWatch {
  private final ServicePlatform platform;
  private final LogTail<Settled> tail;

  /** The trades of one outcome. */
  public record Settled(List<SettledTrade> trades) {
    /** Most outcomes have none, and nobody has to be told of those. */
    String key() {
      return trades.isEmpty() ? "" : trades.getFirst().market();
    }
  }

  public TradeWatch(ServicePlatform platform) {
    this.platform = platform;
    this.tail =
        new LogTail<>(
            platform.vertx(),
            Topic.SETTLE_COMPLETED,
            platform.config().partitions(),
            platform.reader(),
            new Decoder());
  }

  private static final class Decoder implements LogTail.Decoder<Settled> {
    @Override
    public Settled decode(LogRecord record) {
      return new Settled(SettledEvents.decode(record));
    }

    @Override
    public String keyOf(Settled settled) {
      return settled.key();
    }
  }

  /** What the log says is handed over here. */
  public LogTail<Settled> tail() {
    return tail;
  }

  public void register(GrpcEdge edge) {
    edge.serverStream(MarketDataServiceGrpcService.WatchTrades, this::watch);
  }

  private void watch(Call call, WatchTradesRequest request, StreamSink<WatchTradesResponse> sink) {
    new Watch(MarketRequests.market(platform.markets(), request.getMarket()), sink)
        .start(request.getCursor());
  }

  private final class Watch extends MarketWatch<Settled, WatchTradesResponse> {
    Watch(Market market, StreamSink<WatchTradesResponse> sink) {
      super("WatchTrades", market, tail, sink);
    }

    void start(String cursor) {
      Optional<Long> after = position(cursor);
      read()
          .compose(all -> {
            long applied = all.of(market.partition(), Topic.SETTLE_COMPLETED).position();
            return given(all, applied, after.orElse(applied))
                .map(given -> {
                  open(after.orElse(applied), given);
                  return null;
                });
          })
          .onFailure(sink::fail);
    }

    /** Its first message says that it is open: what is settled from now on will come. */
    private void open(long after, long given) {
      sink.write(message(after + 1, after, Optional.empty()));
      follow(after, given);
    }

    /** How far the rows of the market data are. */
    private Future<StepPositions> read() {
      return StepPositions.read(platform.db(), MatchSaga.SCHEMA, MarketDataSaga.SERVICE);
    }

    /** The rows may be behind the log, of which a cursor is; so then the log is asked. */
    private Future<Long> given(StepPositions all, long applied, long after) {
      return after <= applied
          ? Future.succeededFuture(applied)
          : platform
              .lastPositions(Topic.SETTLE_COMPLETED, all)
              .map(last -> notBeyond(last.get(market.partition()), after));
    }

    private long notBeyond(long last, long after) {
      if (after > last) {
        throw MarketRequests.refuse(
            Reason.INVALID_CURSOR,
            "cursor",
            "The cursor is at record %d of partition %d, which has only %d."
                .formatted(after, market.partition(), last));
      }
      return last;
    }

    @Override
    WatchTradesResponse message(long first, long last, Optional<Settled> settled) {
      WatchTradesResponse.Builder message =
          WatchTradesResponse.newBuilder().setCursor(cursor(last));
      settled.ifPresent(
          s -> s.trades().forEach(trade -> message.addTrades(MarketMapper.trade(market, trade))));
      return message.build();
    }
  }
}
