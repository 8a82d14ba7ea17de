package dev.sagax.local.e2e;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.Iterator;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * A client that watches, loses its connection after a random number of messages, and comes back
 * with the cursor of the last message that it has got.
 *
 * @param <M> the messages of the stream
 */
abstract class CutOffWatcher<M> implements AutoCloseable {
  private static final long PAUSE_NANOS = 50_000_000;

  private final IntSupplier ports;
  private final Random random;
  private final int most;
  private final Thread thread = Thread.ofPlatform().daemon().name("watcher").unstarted(this::run);
  private String cursor = "";
  private int connections;

  /** Whether the connection has not said anything yet. */
  private boolean opening;

  private AssertionError failure;
  private ManagedChannel channel;
  private volatile boolean closing;

  /**
   * @param ports of the replica to connect to next
   * @param most messages until it loses its connection at the latest, {@link Integer#MAX_VALUE} to
   *     never lose it
   */
  CutOffWatcher(IntSupplier ports, Random random, int most) {
    this.ports = ports;
    this.random = random;
    this.most = most;
  }

  /** Opens the stream, to go on after this cursor. */
  abstract Iterator<M> open(Channel channel, String cursor);

  /** Keeps what a message tells; called by one thread at a time, with the lock held. */
  abstract void take(M message);

  abstract String cursorOf(M message);

  /** Whether it is a part of a snapshot. */
  boolean isSnapshot(M message) {
    return false;
  }

  /** A connection begins with a snapshot: what is known so far is void. */
  void beginAnew() {}

  void start() {
    thread.start();
  }

  private void run() {
    while (!closing) {
      try {
        watch(most == Integer.MAX_VALUE ? most : 1 + random.nextInt(most));
      } catch (StatusRuntimeException lost) {
        Code code = lost.getStatus().getCode();
        if (code != Code.UNAVAILABLE && code != Code.CANCELLED) {
          failed(lost);
        }
        LockSupport.parkNanos(PAUSE_NANOS); // whoever is away is not asked without end
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
    connected(opened);
    try {
      Iterator<M> stream = open(opened, cursor());
      for (int i = 0; i < messages && !closing && stream.hasNext(); i++) {
        takeOne(stream.next());
      }
    } finally {
      opened.shutdownNow();
    }
  }

  private synchronized void connected(ManagedChannel opened) {
    channel = opened;
    connections++;
    opening = true;
  }

  private synchronized void takeOne(M message) {
    if (opening && isSnapshot(message)) {
      beginAnew();
    }
    opening = false;
    take(message);
    cursor = cursorOf(message);
  }

  synchronized String cursor() {
    return cursor;
  }

  synchronized int connections() {
    return connections;
  }

  /** Throws what ended it, if something did. */
  final synchronized void requireAlive() {
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
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
