package dev.sagax.bench.dlq;

import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc.DeadLetterServiceBlockingStub;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterRequest;
import dev.sagax.proto.dlq.v1.ReplayDeadLetterResponse;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./sagax dlq replay}. */
@Command(
    name = "replay",
    description = {
      "Sends a record to the topic that it came from again.",
      "It is decided there by the state of its order or transfer, so replaying twice is replaying"
          + " once. A record that still cannot be processed becomes a new dead letter. Only records of"
          + " order.requested and transfer.requested can be replayed."
    },
    mixinStandardHelpOptions = true)
final class DlqReplayCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Operator operator;

  @Parameters(paramLabel = "ID", description = "As list shows it, for instance order.dlq/0/5.")
  private String id;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept with the decision.")
  private String reason = "";

  @Override
  public Integer call() {
    return operator.callWriters(spec, this::replay);
  }

  private int replay(Map<String, DeadLetterServiceBlockingStub> writers) {
    ReplayDeadLetterResponse replayed =
        Operator.writerOf(id, writers)
            .replayDeadLetter(
                ReplayDeadLetterRequest.newBuilder().setDeadLetterId(id).setReason(reason).build());
    spec.commandLine().getOut().println(Words.outcome(replayed.getDeadLetter()));
    return ExitCode.OK;
  }
}
