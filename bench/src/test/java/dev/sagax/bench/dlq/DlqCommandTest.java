package dev.sagax.bench.dlq;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.sagax.local.DevTokens;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterDecision;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc;
import dev.sagax.proto.dlq.v1.DeadLetterState;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterRequest;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterResponse;
import dev.sagax.proto.dlq.v1.GetDeadLetterRequest;
import dev.sagax.proto.dlq.v1.GetDeadLetterResponse;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.ListDeadLettersResponse;
import dev.sagax.proto.dlq.v1.RecordHeader;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterRequest;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command asks a service and how it shows the answers; the service is scripted. */
class DlqCommandTest {
  private static final Timestamp TIME = Timestamp.newBuilder().setSeconds(1_600_000_000).build();

  @TempDir private static Path folder;
  private final List<Object> asked = new ArrayList<>();
  private Server server;

  private record Run(int status, String out, String err) {}

  /** Two dead letters of order.dlq on two pages, none of any other topic. */
  private final class Scripted extends DeadLetterServiceGrpc.DeadLetterServiceImplBase {
    @Override
    public void listDeadLetters(
        ListDeadLettersRequest request, StreamObserver<ListDeadLettersResponse> answer) {
      asked.add(request);
      var page = ListDeadLettersResponse.newBuilder();
      if (request.getTopic().equals("order.dlq")) {
        if (request.getPageToken().isEmpty()) {
          page.addDeadLetters(open()).setNextPageToken("next");
        } else {
          page.addDeadLetters(discarded());
        }
      }
      answer.onNext(page.build());
      answer.onCompleted();
    }

    @Override
    public void getDeadLetter(
        GetDeadLetterRequest request, StreamObserver<GetDeadLetterResponse> answer) {
      answer.onNext(
          GetDeadLetterResponse.newBuilder()
              .setDeadLetter(open())
              .setValue(ByteString.copyFrom(new byte[] {'o', 'k', 27, -1}))
              .addHeaders(RecordHeader.newBuilder().setName("a\033b"))
              .build());
      answer.onCompleted();
    }

    @Override
    public void replayDeadLetter(
        ReplayDeadLetterRequest request, StreamObserver<ReplayDeadLetterResponse> answer) {
      answer.onError(Status.FAILED_PRECONDITION.withDescription("Not again.").asException());
    }

    @Override
    public void discardDeadLetter(
        DiscardDeadLetterRequest request, StreamObserver<DiscardDeadLetterResponse> answer) {
      asked.add(request);
      answer.onNext(DiscardDeadLetterResponse.newBuilder().setDeadLetter(discarded()).build());
      answer.onCompleted();
    }
  }

  private static DeadLetter open() {
    return DeadLetter.newBuilder()
        .setDeadLetterId("order.dlq/0/1")
        .setState(DeadLetterState.DEAD_LETTER_STATE_OPEN)
        .setSourceTopic("order.requested")
        .setSourceOffset(17)
        .setRecordTime(TIME)
        .setError("The record has no value.")
        .setService("order-svc")
        .setAttempts(1)
        .setReplayable(true)
        .build();
  }

  private static DeadLetter discarded() {
    return open().toBuilder()
        .setDeadLetterId("order.dlq/2/12")
        .setSourcePartition(2)
        .setSubject("abc")
        .setState(DeadLetterState.DEAD_LETTER_STATE_DISCARDED)
        .setDecision(
            DeadLetterDecision.newBuilder().setOperator("ann").setTime(TIME).setReason("a test"))
        .build();
  }

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(new Scripted())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void listIsATableOfAllTopicsAndPages() {
    Run run = dlq("list", "--state", "discarded");

    assertThat(run.err).isEmpty();
    assertThat(run.out)
        .isEqualToNormalizingNewlines(
            """
            ID              STATE      SOURCE                RECORDED              SUBJECT  DECIDED BY                        ERROR
            order.dlq/0/1   OPEN       order.requested/0/17  2020-09-13T12:26:40Z  -        -                                 The record has no value.
            order.dlq/2/12  DISCARDED  order.requested/2/17  2020-09-13T12:26:40Z  abc      ann 2020-09-13T12:26:40Z: a test  The record has no value.
            """);
    assertThat(run.status).isZero();
    assertThat(asked).hasSize(5);
    assertThat(asked)
        .extracting(request -> ((ListDeadLettersRequest) request).getState())
        .containsOnly(DeadLetterState.DEAD_LETTER_STATE_DISCARDED);
  }

  @Test
  void listOfNothingSaysSo() {
    assertThat(dlq("list", "--topic", "transfer.dlq").out)
        .isEqualToNormalizingNewlines("There is no dead letter.\n");
  }

  @Test
  void limitIsToldWhereItCuts() {
    assertThat(dlq("list", "--limit", "1").out)
        .contains("order.dlq/0/1")
        .doesNotContain("order.dlq/2/12")
        .contains("There are more; see --limit.");
  }

  @Test
  void showPrintsNothingThatATerminalObeys() throws IOException {
    Path file = folder.resolve("value");

    Run run = dlq("show", "order.dlq/0/1", "--value-to", file.toString());

    assertThat(run.status).isZero();
    assertThat(run.out)
        .contains("source      order.requested/0/17", "replay      possible", "key         none")
        .contains("header a?b  none")
        .contains("value       4 bytes")
        .containsPattern("  000000  6f 6b 1b ff +ok\\.\\.")
        .doesNotContain("\033");
    assertThat(Files.readAllBytes(file)).containsExactly('o', 'k', 27, -1);
  }

  @Test
  void discardTellsWhoDecidedAndWhy() {
    Run run = dlq("discard", "order.dlq/2/12", "--reason", "a test");

    assertThat(run.out)
        .isEqualToNormalizingNewlines(
            "order.dlq/2/12 is DISCARDED by ann 2020-09-13T12:26:40Z: a test\n");
    assertThat(asked)
        .containsExactly(
            DiscardDeadLetterRequest.newBuilder()
                .setDeadLetterId("order.dlq/2/12")
                .setReason("a test")
                .build());
  }

  @Test
  void refusalIsOneSentenceAndStatusOne() {
    Run run = dlq("replay", "order.dlq/0/1");

    assertThat(run.status).isEqualTo(1);
    assertThat(run.err).isEqualToNormalizingNewlines("FAILED_PRECONDITION: Not again.\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "show",
        "show nothing",
        "replay order.requested/0/1",
        "discard order.dlq/0/1",
        "list --topic nothing.dlq",
        "list --state lost",
        "list --limit 0"
      })
  void misuseIsTwoAndAsksNobody(String line) {
    Run run = dlq(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(run.status).isEqualTo(2);
    assertThat(run.err).isNotBlank();
    assertThat(asked).isEmpty();
  }

  private Run dlq(String... arguments) {
    Path key = folder.resolve("key.pem");
    DevTokens.load(key);
    String at = "127.0.0.1:" + server.getPort();
    String target = "order=%1$s,match=%1$s,settle=%1$s,asset=%1$s".formatted(at);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all =
        arguments.length == 0
            ? arguments
            : Stream.concat(
                    Arrays.stream(arguments),
                    Stream.of("--target", target, "--token-file", key.toString()))
                .toArray(String[]::new);
    int status =
        new CommandLine(new DlqCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all);
    return new Run(status, out.toString(), err.toString());
  }
}
