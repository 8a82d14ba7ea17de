package dev.sagax.local.e2e;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

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
    send(channel, CallOptions.DEFAULT, method, new Metadata(), messages);
  }

  static void send(
      Channel channel, CallOptions options, String method, Metadata headers, byte[]... messages) {
    Answer answer = await(begin(channel, options, method, headers, messages));
    if (!answer.status().isOk()) {
      throw answer.failure();
    }
  }

  /**
   * How a call ended.
   *
   * @param message the first that was answered, null without one
   */
  record Answer(Status status, Metadata trailers, byte[] message) {
    StatusRuntimeException failure() {
      return new StatusRuntimeException(status, trailers);
    }
  }

  /** Begins a call and does not wait for its end. */
  static CompletableFuture<Answer> begin(
      Channel channel, CallOptions options, String method, Metadata headers, byte[]... messages) {
    ClientCall<byte[], byte[]> call = channel.newCall(descriptor(method), options);
    CompletableFuture<Answer> ended = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<byte[]>() {
          private byte[] first;

          @Override
          public void onMessage(byte[] message) {
            first = first == null ? message : first;
          }

          @Override
          public void onClose(Status status, Metadata last) {
            ended.complete(new Answer(status, last, first));
          }
        },
        headers);
    call.request(2);
    for (byte[] message : messages) {
      call.sendMessage(message);
    }
    call.halfClose();
    return ended;
  }

  /**
   * Opens a stream and cuts it at the first message that is something.
   *
   * @param said what a message is, "" for nothing yet
   */
  static String untilAnswered(
      Channel channel,
      String method,
      Metadata headers,
      byte[] request,
      Function<byte[], String> said) {
    CompletableFuture<String> heard = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call = channel.newCall(descriptor(method), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<byte[]>() {
          @Override
          public void onMessage(byte[] message) {
            String something = said.apply(message);
            if (!something.isEmpty()) {
              heard.complete(something);
            }
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata last) {
            heard.completeExceptionally(new StatusRuntimeException(status, last));
          }
        },
        headers);
    call.request(1);
    call.sendMessage(request);
    call.halfClose();
    try {
      return await(heard);
    } finally {
      call.cancel("It has said what was wanted.", null);
    }
  }

  private static <T> T await(CompletableFuture<T> future) {
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
