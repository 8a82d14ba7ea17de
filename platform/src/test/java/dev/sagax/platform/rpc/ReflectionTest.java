package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.reflection.v1.ExtensionRequest;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServerReflectionResponse.MessageResponseCase;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReflectionTest {
  @TempDir Path folder;
  private RunningEdge running;

  @BeforeEach
  void start() throws Exception {
    running = new RunningEdge(folder);
  }

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  @Test
  void servicesAreListed() throws Exception {
    ServerReflectionResponse answer = ask(request().setListServices("").build()).get(0);

    assertThat(answer.getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .containsExactly(
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection",
            "sagax.ledger.v1.LedgerService");
  }

  @Test
  void reflectionCanBeSwitchedOff() throws Exception {
    var silent = new RunningEdge(folder, RunningEdge.NO_REFLECTION, RateLimits.none());
    try {
      var stub = ServerReflectionGrpc.newStub(silent.channel);
      var failure = new CompletableFuture<Throwable>();
      stub.serverReflectionInfo(
              new StreamObserver<>() {
                @Override
                public void onNext(ServerReflectionResponse answer) {
                  failure.complete(null);
                }

                @Override
                public void onError(Throwable thrown) {
                  failure.complete(thrown);
                }

                @Override
                public void onCompleted() {
                  failure.complete(null);
                }
              })
          .onNext(request().setListServices("").build());

      assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessageContaining("UNIMPLEMENTED");
    } finally {
      silent.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sagax.ledger.v1.LedgerService",
        "sagax.ledger.v1.LedgerService.Hold",
        "sagax.ledger.v1.HoldItem",
        "sagax.ledger.v1.HoldItem.order_id",
        "sagax.ledger.v1.HoldVerdict",
        "sagax.ledger.v1.HOLD_VERDICT_HELD",
        "sagax.error.v1.ErrorReason",
        "sagax.auth.v1.rights",
        "google.rpc.ErrorInfo",
        "google.rpc.ErrorInfo.MetadataEntry",
        "google.rpc.BadRequest",
        "google.rpc.BadRequest.FieldViolation",
        "google.rpc.Status",
        "google.protobuf.Any",
        "grpc.health.v1.Health",
        "grpc.health.v1.HealthCheckResponse.ServingStatus",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1.ServerReflectionRequest.message_request",
        "grpc.reflection.v1alpha.ServerReflection"
      })
  void symbolIsFoundWithAllThatItsFileImports(String symbol) throws Exception {
    var question = request().setFileContainingSymbol(symbol).build();

    ServerReflectionResponse answer = ask(question).get(0);

    assertThat(answer.getOriginalRequest()).isEqualTo(question);
    List<FileDescriptorProto> files = files(answer);
    assertThat(symbol).startsWith(files.get(0).getPackage() + ".");
    Set<String> there = new HashSet<>();
    files.forEach(file -> there.add(file.getName()));
    files.forEach(file -> assertThat(there).containsAll(file.getDependencyList()));
  }

  @Test
  void fileIsFoundByItsName() throws Exception {
    var answer =
        ask(request().setFileByFilename("sagax/ledger/v1/ledger_service.proto").build()).get(0);

    assertThat(files(answer).get(0).getName()).isEqualTo("sagax/ledger/v1/ledger_service.proto");
  }

  @Test
  void whatIsUnknownIsNotFoundAndTheRequestEchoed() throws Exception {
    ServerReflectionRequest[] questions = {
      request().setHost("here").setFileContainingSymbol("sagax.ledger.v1.Nothing").build(),
      request().setFileContainingSymbol("").build(),
      request().setFileByFilename("nothing.proto").build(),
      request().setAllExtensionNumbersOfType("sagax.Nothing").build(),
      request()
          .setFileContainingExtension(
              ExtensionRequest.newBuilder()
                  .setContainingType("sagax.ledger.v1.HoldItem")
                  .setExtensionNumber(7))
          .build()
    };

    List<ServerReflectionResponse> answers = ask(questions);

    for (int i = 0; i < questions.length; i++) {
      assertThat(answers.get(i).getErrorResponse().getErrorCode()).isEqualTo(5);
      assertThat(answers.get(i).getOriginalRequest()).isEqualTo(questions[i]);
    }
    assertThat(answers.get(0).getValidHost()).isEqualTo("here");
  }

  @Test
  void questionWithoutAQuestionIsInvalidAndTheStreamGoesOn() throws Exception {
    var answers = ask(request().build(), request().setListServices("*").build());

    assertThat(answers.get(0).getErrorResponse().getErrorCode()).isEqualTo(3);
    assertThat(answers.get(1).getMessageResponseCase())
        .isEqualTo(MessageResponseCase.LIST_SERVICES_RESPONSE);
  }

  @Test
  void messageWithoutExtensionsHasNone() throws Exception {
    var answer =
        ask(request().setAllExtensionNumbersOfType("sagax.ledger.v1.HoldItem").build()).get(0);

    assertThat(answer.getAllExtensionNumbersResponse().getBaseTypeName())
        .isEqualTo("sagax.ledger.v1.HoldItem");
    assertThat(answer.getAllExtensionNumbersResponse().getExtensionNumberList()).isEmpty();
  }

  @Test
  void manyQuestionsOnOneStreamAreAnsweredInOrder() throws Exception {
    String[] symbols = {"google.rpc.BadRequest", "sagax.ledger.v1.HoldItem", "no.Such"};
    var questions =
        IntStream.range(0, 2_000)
            .mapToObj(i -> request().setFileContainingSymbol(symbols[i % 3]).build())
            .toArray(ServerReflectionRequest[]::new);

    List<ServerReflectionResponse> answers = ask(questions);

    assertThat(answers)
        .extracting(ServerReflectionResponse::getOriginalRequest)
        .containsExactly(questions);
  }

  @Test
  @SuppressWarnings("deprecation")
  void olderVersionAnswersAlike() throws Exception {
    var answers = new Collected<io.grpc.reflection.v1alpha.ServerReflectionResponse>();
    var stream =
        io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(running.channel)
            .serverReflectionInfo(answers);
    for (String symbol : List.of("google.rpc.ErrorInfo", "no.Such")) {
      stream.onNext(
          io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
              .setFileContainingSymbol(symbol)
              .build());
    }
    stream.onCompleted();

    var got = answers.all.get(10, TimeUnit.SECONDS);

    assertThat(got.get(0).getFileDescriptorResponse().getFileDescriptorProtoCount()).isPositive();
    assertThat(got.get(1).getErrorResponse().getErrorCode()).isEqualTo(5);
    assertThat(got.get(1).getOriginalRequest().getFileContainingSymbol()).isEqualTo("no.Such");
  }

  private static ServerReflectionRequest.Builder request() {
    return ServerReflectionRequest.newBuilder();
  }

  private List<ServerReflectionResponse> ask(ServerReflectionRequest... questions)
      throws Exception {
    var answers = new Collected<ServerReflectionResponse>();
    var stream = ServerReflectionGrpc.newStub(running.channel).serverReflectionInfo(answers);
    Arrays.asList(questions).forEach(stream::onNext);
    stream.onCompleted();
    return answers.all.get(20, TimeUnit.SECONDS);
  }

  private static List<FileDescriptorProto> files(ServerReflectionResponse answer)
      throws InvalidProtocolBufferException {
    List<FileDescriptorProto> files = new ArrayList<>();
    for (ByteString file : answer.getFileDescriptorResponse().getFileDescriptorProtoList()) {
      files.add(FileDescriptorProto.parseFrom(file));
    }
    assertThat(files).as(answer.toString()).isNotEmpty();
    return files;
  }

  /** All that a stream brings until its end. */
  private static final class Collected<T> implements StreamObserver<T> {
    final CompletableFuture<List<T>> all = new CompletableFuture<>();
    private final List<T> soFar = new ArrayList<>();

    @Override
    public void onNext(T value) {
      soFar.add(value);
    }

    @Override
    public void onError(Throwable t) {
      all.completeExceptionally(t);
    }

    @Override
    public void onCompleted() {
      all.complete(soFar);
    }
  }
}
