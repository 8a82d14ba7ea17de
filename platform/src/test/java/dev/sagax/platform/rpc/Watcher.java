package dev.sagax.platform.rpc;

import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;

/** A client of a {@link RunningEdge#WATCH} that listens, and knows how its stream ended. */
final class Watcher implements StreamObserver<GetBalancesResponse> {
  final AtomicInteger got = new AtomicInteger();

  /** Null while the stream is open. */
  volatile StatusRuntimeException failure;

  static Watcher on(Channel channel, String token) {
    var watcher = new Watcher();
    var call =
        ClientInterceptors.intercept(channel, Answers.attach("authorization", "Bearer " + token))
            .newCall(StreamTest.WATCH, CallOptions.DEFAULT);
    ClientCalls.asyncServerStreamingCall(call, GetBalancesRequest.getDefaultInstance(), watcher);
    return watcher;
  }

  @Override
  public void onNext(GetBalancesResponse message) {
    got.incrementAndGet();
  }

  @Override
  public void onError(Throwable thrown) {
    failure = (StatusRuntimeException) thrown;
  }

  @Override
  public void onCompleted() {
    // The streams of these tests do not end well.
  }
}
