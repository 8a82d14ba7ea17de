package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc.MarketDataServiceBlockingStub;
import io.grpc.Channel;
import java.util.Iterator;
import java.util.Random;
import java.util.function.IntSupplier;

/** Watches a market. */
abstract class MarketWatcher<R> extends CutOffWatcher<R> {
  private final String token;

  MarketWatcher(String token, IntSupplier ports, Random random, int most) {
    super(ports, random, most);
    this.token = token;
  }

  /**
   * @param cursor of the last message; empty for none
   */
  abstract Iterator<R> open(MarketDataServiceBlockingStub market, String cursor);

  @Override
  final Iterator<R> open(Channel channel, String cursor) {
    return open(
        MarketDataServiceGrpc.newBlockingStub(channel).withInterceptors(TestExchange.bearer(token)),
        cursor);
  }

  /** Returns once it has got something. */
  @Override
  final void start() {
    super.start();
    Eventually.passes(() -> assertThat(cursor()).isNotEmpty());
  }
}
