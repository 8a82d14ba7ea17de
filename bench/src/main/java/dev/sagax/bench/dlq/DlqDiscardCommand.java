package dev.sagax.bench.dlq;

import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc.DeadLetterServiceBlockingStub;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterRequest;
import dev.sagax.proto.dlq.v1.DiscardDeadLetterResponse;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./sagax dlq discard}. */
@Command(
    name = "discard",
    description = {
      "Throws a dead letter away and keeps who did so, when and why.",
      "The first decision stands: discarding again shows it and changes nothing."
    },
    mixinStandardHelpOptions = true)
final class DlqDiscardCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Operator operator;

  @Parameters(paramLabel = "ID", description = "As list shows it, for instance order.dlq/0/5.")
  private String id;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      required = true,
      description = "Why; kept with the decision.")
  private String reason;

  @Override
  public Integer call() {
    return operator.callWriters(spec, this::discard);
  }

  private int discard(Map<String, DeadLetterServiceBlockingStub> writers) {
    DiscardDeadLetterResponse discarded =
        Operator.writerOf(id, writers)
            .discardDeadLetter(
                DiscardDeadLetterRequest.newBuilder()
                    .setDeadLetterId(id)
                    .setReason(reason)
                    .build());
    spec.commandLine().getOut().println(Words.outcome(discarded.getDeadLetter()));
    return ExitCode.OK;
  }
}
