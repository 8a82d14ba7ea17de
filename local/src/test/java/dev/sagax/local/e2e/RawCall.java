package dev.sagax.local.e2e;

import com.google.common.util.concurrent.SettableFuture;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A call of any method with any bytes in any number of messages: what no generated client can send.
 */
final class RawCall {
  private static final long PATIENCE_SECONDS = 20;

  private RawCall() {}

  /** Throws the call's failure; returns if it does not fail. */
  static void send(Channel channel, String token, String method, byte[]... messages) {
    send(ClientInterceptors.intercept(channel, TestExchange.bearer(token)), method, messages);
  }

  /** As above, without a token. */
  static void send(Channel channel, String method, byte[]... messages) {
    ClientCall<byte[], byte[]> call = channel.newCall(descriptor(method), CallOptions.DEFAULT);
    SettableFuture<Status> closed = SettableFuture.create();
    SettableFuture<Metadata> trailers = SettableFuture.create();
    call.start(
        new ClientCall.Listener<byte[]>() {
          @Override
          public void onClose(Status status, Metadata last) {
            trailers.set(last);
            closed.set(status);
          }
        },
        new Metadata());
    call.request(2);
    for (byte[] message : messages) {
      call.sendMessage(message);
    }
    call.halfClose();
    Status status = await(closed);
    if (!status.isOk()) {
      throw new StatusRuntimeException(status, await(trailers));
    }
  }

  private static <T> T await(SettableFuture<T> future) {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("The call was not answered", e);
    }
  }

  private static MethodDescriptor<byte[], byte[]> descriptor(String method) {
    return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
        .setType(MethodType.BIDI_STREAMING)
        .setFullMethodName(method)
        .build();
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
