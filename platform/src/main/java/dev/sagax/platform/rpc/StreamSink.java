package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import java.util.function.Supplier;

/**
 * Where a server stream's messages go. Used on the event loop of the call's connection only.
 *
 * <p>What the client's flow control does not take yet waits in a queue. Who has much to say asks
 * {@link #isFull} before each message and goes on when the sink drains; at that moment there is
 * room for as much again, so that what is at hand may still be written. A client that leaves the
 * queue full for some seconds, or lets it grow to its bound, is dropped as a SLOW_READER.
 */
public interface StreamSink<R extends Message> {

  /** Sends a message after all others; does nothing once the stream is closed. */
  void write(R message);

  /** Whether the client is behind: write nothing more than what is at hand, and wait. */
  boolean isFull();

  /** What to do each time the sink is not full any more. */
  void onDrain(Runnable drained);

  /** What to do once, when the stream is over for whatever reason. */
  void onClosed(Runnable closed);

  boolean isClosed();

  /**
   * Sends such a message whenever the stream was silent for a while, so that both sides know that
   * it is alive.
   */
  void heartbeat(Supplier<R> message);

  /** Ends the stream with OK, after all that was written. */
  void end();

  /** Ends the stream with a failure, at once. */
  void fail(Throwable why);
}
