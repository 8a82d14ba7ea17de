package dev.sagax.local.e2e;

import dev.sagax.proto.market.v1.MarketDataServiceGrpc;
import dev.sagax.proto.market.v1.MarketDataServiceGrpc.MarketDataServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.Iterator;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * A client that watches a market, loses its connection after a random number of messages, and comes
 * back with the cursor of the last message that it has got.
 */
abstract class MarketWatcher<R> implements AutoCloseable {
  private static final long PAUSE_NANOS = 50_000_000;

  private final String token;
  private final IntSupplier ports;
  private final Random random;
  private final int most;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("market watcher").unstarted(this::run);
  private String cursor = "";
  private int connections;
  private AssertionError failure;
  private ManagedChannel channel;
  private volatile boolean closing;

  /**
   * @param ports of the replica to connect to next
   * @param most messages until it loses its connection at the latest
   */
  MarketWatcher(String token, IntSupplier ports, Random random, int most) {
    this.token = token;
    this.ports = ports;
    this.random = random;
    this.most = most;
  }

  /**
   * @param cursor of the last message; empty for none
   */
  abstract Iterator<R> open(MarketDataServiceBlockingStub market, String cursor);

  abstract String cursorOf(R message);

  /** One after the other, under the lock of this object. */
  abstract void take(R message);

  final void start() {
    thread.start();
    Eventually.passes(() -> org.assertj.core.api.Assertions.assertThat(cursor()).isNotEmpty());
  }

  private void run() {
    while (!closing) {
      try {
        watch(1 + random.nextInt(most));
      } catch (StatusRuntimeException lost) {
        Code code = lost.getStatus().getCode();
        if (code != Code.UNAVAILABLE && code != Code.CANCELLED) {
          failed(lost);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (RuntimeException | AssertionError e) {
        failed(e);
      }
    }
  }

  private synchronized void failed(Throwable why) {
    failure = new AssertionError("The watcher has ended.", why);
    closing = true;
  }

  /** The connection is cut with messages on it that were not read. */
  private void watch(int messages) {
    ManagedChannel opened =
        NettyChannelBuilder.forAddress("127.0.0.1", ports.getAsInt()).usePlaintext().build();
    synchronized (this) {
      channel = opened;
      connections++;
    }
    try {
      Iterator<R> stream =
          open(
              MarketDataServiceGrpc.newBlockingStub(opened)
                  .withInterceptors(TestExchange.bearer(token)),
              cursor());
      for (int i = 0; i < messages && !closing && stream.hasNext(); i++) {
        R message = stream.next();
        synchronized (this) {
          take(message);
          cursor = cursorOf(message);
        }
      }
    } finally {
      opened.shutdownNow();
    }
  }

  private synchronized String cursor() {
    return cursor;
  }

  final synchronized int connections() {
    return connections;
  }

  /** Throws what ended it, if something did. */
  final synchronized void check() {
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public final void close() {
    closing = true;
    synchronized (this) {
      if (channel != null) {
        channel.shutdownNow();
      }
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
