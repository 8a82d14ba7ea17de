package dev.sagax.bench.dlq;

import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc.DeadLetterServiceBlockingStub;
import dev.sagax.proto.dlq.v1.DeadLetterState;
import dev.sagax.proto.dlq.v1.ListDeadLettersRequest;
import dev.sagax.proto.dlq.v1.ListDeadLettersResponse;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./sagax dlq list}. */
@Command(
    name = "list",
    description = "Lists dead letters with their state and who decided about them.",
    mixinStandardHelpOptions = true)
final class DlqListCommand implements Callable<Integer> {
  private static final int MAX_PAGE = 500;

  /** What the states are called on the command line. */
  enum State {
    OPEN(DeadLetterState.DEAD_LETTER_STATE_OPEN),
    REPLAYING(DeadLetterState.DEAD_LETTER_STATE_REPLAYING),
    REPLAYED(DeadLetterState.DEAD_LETTER_STATE_REPLAYED),
    DISCARDED(DeadLetterState.DEAD_LETTER_STATE_DISCARDED);

    private final DeadLetterState asked;

    State(DeadLetterState asked) {
      this.asked = asked;
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private Operator operator;

  @Option(
      names = "--topic",
      paramLabel = "TOPIC",
      description = "Only of order.dlq, match.dlq, settle.dlq or transfer.dlq.")
  private String topic;

  @Option(names = "--state", paramLabel = "STATE", description = "Only ${COMPLETION-CANDIDATES}.")
  private State state;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most the first N of each topic (default: ${DEFAULT-VALUE}).")
  private int limit = 100;

  @Override
  public Integer call() {
    return operator.callWriters(spec, this::list);
  }

  private int list(Map<String, DeadLetterServiceBlockingStub> writers) {
    if (limit < 1) {
      throw new IllegalArgumentException("--limit must be 1 or more.");
    }
    List<DeadLetter> letters = new ArrayList<>();
    boolean more = false;
    if (topic == null) {
      for (var writer : writers.entrySet()) {
        more |= addOf(writer.getKey(), writer.getValue(), letters);
      }
    } else {
      more = addOf(topic, Operator.writerOf(topic, writers), letters);
    }
    print(letters, more);
    return ExitCode.OK;
  }

  /** Whether there are more. */
  private boolean addOf(String of, DeadLetterServiceBlockingStub writer, List<DeadLetter> letters) {
    int left = limit;
    String token = "";
    do {
      ListDeadLettersResponse page =
          writer.listDeadLetters(
              ListDeadLettersRequest.newBuilder()
                  .setTopic(of)
                  .setState(
                      state == null ? DeadLetterState.DEAD_LETTER_STATE_UNSPECIFIED : state.asked)
                  .setPageSize(Math.min(left, MAX_PAGE))
                  .setPageToken(token)
                  .build());
      letters.addAll(page.getDeadLettersList());
      left -= page.getDeadLettersCount();
      token = page.getNextPageToken();
    } while (left > 0 && !token.isEmpty());
    return !token.isEmpty();
  }

  private void print(List<DeadLetter> letters, boolean more) {
    PrintWriter out = spec.commandLine().getOut();
    if (letters.isEmpty()) {
      out.println("There is no dead letter" + (state == null ? "." : " that is " + state + "."));
      return;
    }
    Table table = new Table("ID", "STATE", "SOURCE", "RECORDED", "SUBJECT", "DECIDED BY", "ERROR");
    letters.forEach(letter ->
        table.add(
            letter.getDeadLetterId(),
            Words.state(letter),
            Words.source(letter),
            letter.hasRecordTime() ? Words.time(letter.getRecordTime()) : "-",
            letter.getSubject().isEmpty() ? "-" : letter.getSubject(),
            Words.decision(letter),
            letter.getError()));
    table.print(out);
    if (more) {
      out.println("There are more; see --limit.");
    }
  }
}
