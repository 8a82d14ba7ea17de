package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.MultiMap;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;

/** A call by gRPC or gRPC-Web: messages in frames, and its status in trailers. */
abstract class WireCall<Q extends Message, R extends Message> extends EdgeCall {
  protected final GrpcServerRequest<Q, R> request;
  protected final GrpcServerResponse<Q, R> response;
  private final MessageReader<Q> reader;

  /**
   * @param authority who calls, by the call's headers
   */
  protected WireCall(
      OpenCalls calls,
      MessageReader<Q> reader,
      Authority authority,
      GrpcServerRequest<Q, R> request) {
    super(calls, authority, request.fullMethodName(), request.headers(), request.connection());
    this.reader = reader;
    this.request = request;
    this.response = request.response();
    response.headers().set(RequestId.HEADER, requestId);
  }

  /** A message of the client. */
  protected abstract void onMessage(Q message);

  /** The client has sent all it wants to send. */
  protected abstract void onEnd();

  /** Takes the call or answers why not. */
  final void start() {
    request.invalidMessageHandler(tooLarge -> fail(Failures.tooLarge()));
    request.messageHandler(this::read);
    request.endHandler(v -> endOfRequest());
    request.errorHandler(reset -> clientIsGone());
    request.exceptionHandler(broken -> clientIsGone());
    response.exceptionHandler(broken -> clientIsGone());
    String encoding = request.encoding();
    if (MessageReader.knows(encoding)) {
      admit();
    } else {
      fail(Failures.unknownCompression(encoding));
    }
  }

  /** Ends the call with OK; {@code last} is null where everything has been written. */
  protected final void end(R last) {
    if (close(GrpcStatus.OK)) {
      finish(() -> send(last));
      onClosed();
    }
  }

  @Override
  protected final String protocol() {
    return "grpc";
  }

  @Override
  protected final void pause() {
    request.pause();
  }

  @Override
  protected final void resume() {
    request.resume();
  }

  @Override
  protected final MultiMap responseHeaders() {
    return response.headers();
  }

  @Override
  protected final void send(Failure failure) {
    finish(() -> {
      failure.writeTo(response, requestId);
      send((R) null);
    });
  }

  /** Sends the end of the call. */
  protected void finish(Runnable end) {
    end.run();
  }

  private void read(GrpcMessage frame) {
    if (isClosed()) {
      return;
    }
    counted.received();
    try {
      onMessage(reader.read(frame));
    } catch (RuntimeException thrown) {
      fail(thrown);
    }
  }

  private void endOfRequest() {
    if (!isClosed()) {
      onEnd();
    }
  }

  private void send(R last) {
    try {
      if (last == null) {
        response.end();
      } else {
        counted.sent();
        response.end(last);
      }
    } catch (IllegalStateException resetMeanwhile) {
      // Nobody is there to read it.
    }
  }
}
