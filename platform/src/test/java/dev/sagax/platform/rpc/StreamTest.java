package dev.sagax.platform.rpc;

import static dev.sagax.platform.rpc.Answers.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.ledger.v1.AssetBalance;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Server streams over a real connection, read by a client that asks for each message. */
class StreamTest {
  private static final int QUEUED = 100;
  private static final int BYTES = 1_000;
  private static final int MANY = 5_000;

  /** What a client and the connection take off the server's hands unasked. */
  private static final int UNDER_WAY = 300;

  private static final int WINDOW = 64 * 1024;

  private static final StreamLimits LIMITS =
      new StreamLimits(QUEUED, 1024 * 1024, 700, 60_000, 3, 5);
  static final MethodDescriptor<GetBalancesRequest, GetBalancesResponse> WATCH =
      MethodDescriptor.<GetBalancesRequest, GetBalancesResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName(RunningEdge.WATCH.fullMethodName())
          .setRequestMarshaller(ProtoUtils.marshaller(GetBalancesRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(GetBalancesResponse.getDefaultInstance()))
          .build();

  @TempDir Path folder;
  private RunningEdge running;
  private ManagedChannel channel;

  private void start(StreamLimits limits) throws Exception {
    running = new RunningEdge(folder, limits);
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", running.port)
            .flowControlWindow(WINDOW)
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    running.close();
  }

  @Test
  void messagesComeInTheirOrderAndTheStreamEnds() throws Exception {
    start(LIMITS);
    running.watchBalances =
        (call, request, sink) -> {
          IntStream.range(0, 50).forEach(i -> sink.write(message(i)));
          sink.end();
          sink.write(message(-1));
        };
    Reader reader = new Reader(Scope.READ);

    reader.ask(MANY);

    Eventually.passes(() -> assertThat(reader.status).isNotNull());
    assertThat(reader.status.getCode()).isEqualTo(Code.OK);
    assertThat(reader.got).containsExactlyElementsOf(numbers(50));
  }

  @Test
  void slowReaderIsWaitedForAndGetsEverything() throws Exception {
    start(LIMITS);
    Pump pump = new Pump(MANY);
    running.watchBalances = pump;
    Reader reader = new Reader(Scope.READ);
    Eventually.passes(() -> assertThat(pump.full).isPositive());
    assertThat(pump.written).isLessThan(QUEUED + UNDER_WAY);

    for (int asked = 0; asked < MANY; asked += 500) {
      reader.ask(500);
      int sofar = asked + 500;
      Eventually.passes(() -> assertThat(reader.got).hasSize(sofar));
      assertThat(pump.written).isLessThan(sofar + QUEUED + UNDER_WAY);
    }

    reader.ask(1);
    Eventually.passes(() -> assertThat(reader.status).isNotNull());
    assertThat(reader.status.getCode()).isEqualTo(Code.OK);
    assertThat(reader.got).containsExactlyElementsOf(numbers(MANY));
    assertThat(pump.full).isGreaterThan(1);
  }

  @Test
  void readerThatStopsIsDroppedAndToldSo() throws Exception {
    start(LIMITS);
    Pump pump = new Pump(MANY);
    running.watchBalances = pump;
    Reader reader = new Reader(Scope.READ);

    Eventually.passes(() -> assertThat(pump.closed).isEqualTo(1));
    assertThat(pump.written).isLessThan(QUEUED + UNDER_WAY);
    assertThat(running.edge.openStreams()).isZero();
    reader.ask(MANY);

    Eventually.passes(() -> assertThat(reader.status).isNotNull());
    reader.assertEnded(Code.RESOURCE_EXHAUSTED, Reason.SLOW_READER);
    assertThat(reader.got).containsExactlyElementsOf(numbers(reader.got.size())).isNotEmpty();
  }

  @Test
  void readerThatNeverReadsIsResetInTheEnd() throws Exception {
    start(new StreamLimits(QUEUED, 1024 * 1024, 100, 60_000, 3, 5));
    Pump pump = new Pump(MANY);
    running.watchBalances = pump;
    Reader reader = new Reader(Scope.READ);

    Eventually.passes(() -> assertThat(pump.closed).isEqualTo(1));

    letTimePass(LIMITS.patienceMillis());
    reader.ask(MANY);

    Eventually.passes(() -> assertThat(reader.status).isNotNull());
    assertThat(reader.status.getCode()).isEqualTo(Code.CANCELLED);
  }

  /** On the event loop of the streams, so that earlier timers have run by then. */
  private void letTimePass(long millis) throws Exception {
    Promise<Void> passed = Promise.promise();
    running.context.runOnContext(v -> running.vertx.setTimer(millis, t -> passed.complete()));
    RunningEdge.await(passed.future());
  }

  @Test
  void writerThatDoesNotLookDropsItsReaderAtTheBound() throws Exception {
    start(LIMITS);
    AtomicInteger closed = new AtomicInteger();
    running.watchBalances =
        (call, request, sink) -> {
          sink.onClosed(closed::incrementAndGet);
          IntStream.range(0, MANY).forEach(i -> sink.write(message(i)));
        };
    Reader reader = new Reader(Scope.READ);
    Eventually.passes(() -> assertThat(closed).hasValue(1));

    reader.ask(MANY);

    Eventually.passes(() -> assertThat(reader.status).isNotNull());
    reader.assertEnded(Code.RESOURCE_EXHAUSTED, Reason.SLOW_READER);
    assertThat(reader.got).hasSizeLessThan(UNDER_WAY);
  }

  @Test
  void clientThatGoesAwayGivesItsSeatBack() throws Exception {
    start(LIMITS);
    AtomicInteger closed = new AtomicInteger();
    running.watchBalances = (call, request, sink) -> sink.onClosed(closed::incrementAndGet);
    Reader reader = new Reader(Scope.READ);
    Eventually.passes(() -> assertThat(running.edge.openStreams()).isEqualTo(1));

    reader.call.cancel("gone", null);

    Eventually.passes(() -> assertThat(closed).hasValue(1));
    assertThat(running.edge.openStreams()).isZero();
  }

  @Test
  void silentStreamBeats() throws Exception {
    start(new StreamLimits(QUEUED, 1024 * 1024, 700, 50, 3, 5));
    running.watchBalances =
        (call, request, sink) -> {
          sink.heartbeat(() -> message(7));
          sink.write(message(0));
        };
    Reader reader = new Reader(Scope.READ);
    reader.ask(MANY);

    Eventually.passes(() -> assertThat(reader.got).startsWith(0, 7, 7, 7));
  }

  @Test
  void streamsOfAnAccountAndOfAServiceAreCounted() throws Exception {
    start(LIMITS);
    running.watchBalances = (call, request, sink) -> {};
    List<Reader> own = readers(3, Scope.READ);

    Reader oneMore = new Reader(Scope.READ);

    Eventually.passes(() -> assertThat(oneMore.status).isNotNull());
    oneMore.assertEnded(Code.RESOURCE_EXHAUSTED, Reason.TOO_MANY_STREAMS);
    own.addAll(readers(2, Scope.SERVICE));
    Reader oneTooMany = new Reader(Scope.SERVICE);
    Eventually.passes(() -> assertThat(oneTooMany.status).isNotNull());
    oneTooMany.assertEnded(Code.RESOURCE_EXHAUSTED, Reason.OVERLOADED);

    own.forEach(reader -> reader.call.cancel("gone", null));
    Eventually.passes(() -> assertThat(running.edge.openStreams()).isZero());
    readers(3, Scope.READ);
  }

  private List<Reader> readers(int count, Scope scope) {
    int before = running.edge.openStreams();
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      readers.add(new Reader(scope));
    }
    Eventually.passes(() -> assertThat(running.edge.openStreams()).isEqualTo(before + count));
    return readers;
  }

  @Test
  void closingEdgeEndsTheStreamSoThatItsClientComesBack() throws Exception {
    start(LIMITS);
    running.watchBalances = (call, request, sink) -> sink.write(message(0));
    Reader reader = new Reader(Scope.READ);
    reader.ask(MANY);
    Eventually.passes(() -> assertThat(reader.got).hasSize(1));

    RunningEdge.await(running.edge.close());

    Eventually.passes(() -> assertThat(reader.status).isNotNull());
    reader.assertEnded(Code.UNAVAILABLE, Reason.SHUTTING_DOWN);
  }

  @Test
  void failureOfTheBodyIsTheStatus() throws Exception {
    start(LIMITS);
    running.watchBalances =
        (call, request, sink) -> {
          throw Refusal.ofField(Reason.INVALID_CURSOR, "cursor", "No.").asException();
        };
    Reader refused = new Reader(Scope.READ);
    refused.ask(1);
    Eventually.passes(() -> assertThat(refused.status).isNotNull());
    refused.assertEnded(Code.INVALID_ARGUMENT, Reason.INVALID_CURSOR);

    running.watchBalances =
        (call, request, sink) -> {
          sink.write(message(0));
          sink.fail(Refusal.of(Reason.CURSOR_EXPIRED, "Too old.").asException());
        };
    Reader late = new Reader(Scope.READ);
    late.ask(MANY);
    Eventually.passes(() -> assertThat(late.status).isNotNull());
    late.assertEnded(Code.OUT_OF_RANGE, Reason.CURSOR_EXPIRED);
    assertThat(late.got).containsExactly(0);
  }

  @Test
  void streamNeedsItsScope() throws Exception {
    start(LIMITS);
    Reader reader = new Reader(Scope.TRADE);
    Eventually.passes(() -> assertThat(reader.status).isNotNull());
    reader.assertEnded(Code.PERMISSION_DENIED, Reason.SCOPE_MISSING);
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static GetBalancesResponse message(int number) {
    return GetBalancesResponse.newBuilder()
        .addBalances(
            AssetBalance.newBuilder().setAvailableUnits(number).setAsset("x".repeat(BYTES)).build())
        .build();
  }

  /** A body that writes as long as there is room. */
  private static final class Pump implements StreamMethod<GetBalancesRequest, GetBalancesResponse> {
    private final int count;
    volatile int written;
    volatile int full;
    volatile int closed;

    Pump(int count) {
      this.count = count;
    }

    @Override
    public void open(Call call, GetBalancesRequest request, StreamSink<GetBalancesResponse> sink) {
      sink.onDrain(() -> pump(sink));
      sink.onClosed(() -> closed = closed + 1);
      pump(sink);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one event loop writes
    private void pump(StreamSink<GetBalancesResponse> sink) {
      while (written < count && !sink.isFull()) {
        sink.write(message(written));
        written = written + 1;
      }
      if (written == count) {
        sink.end();
      } else {
        full = full + 1;
      }
    }
  }

  /** A client that gets only what it asks for. */
  private final class Reader extends ClientCall.Listener<GetBalancesResponse> {
    final List<Integer> got = new CopyOnWriteArrayList<>();
    final ClientCall<GetBalancesRequest, GetBalancesResponse> call;
    volatile Status status;
    volatile Metadata trailers;

    Reader(Scope scope) {
      call = channel.newCall(WATCH, CallOptions.DEFAULT);
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer " + running.token(scope));
      call.start(this, headers);
      call.sendMessage(GetBalancesRequest.getDefaultInstance());
      call.halfClose();
    }

    void ask(int messages) {
      call.request(messages);
    }

    void assertEnded(Code code, Reason reason) {
      assertFailed(
          () -> {
            throw status.asRuntimeException(trailers);
          },
          code,
          reason);
    }

    @Override
    public void onMessage(GetBalancesResponse message) {
      got.add((int) message.getBalances(0).getAvailableUnits());
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      this.trailers = trailers;
      this.status = status;
    }
  }
}
