package dev.sagax.platform.rpc;

import com.google.protobuf.Message;

/**
 * The body of a server-streaming call. Called on the event loop of the call's connection, once the
 * request is there. A {@link dev.sagax.platform.refusal.RefusedException} that it throws becomes
 * the stream's status with details, like any other failure of a call.
 */
@FunctionalInterface
public interface StreamMethod<Q, R extends Message> {
  void open(Call call, Q request, StreamSink<R> sink);
}
