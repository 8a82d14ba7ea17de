package dev.sagax.bench.partition;

import dev.sagax.bench.client.OperatorOptions;
import dev.sagax.bench.client.Session;
import dev.sagax.proto.partition.v1.ResumePartitionRequest;
import dev.sagax.proto.partition.v1.ResumePartitionResponse;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./sagax partition resume}. */
@Command(
    name = "resume",
    description = {
      "Lets a stopped partition load again and go on where it was.",
      "Mend what stopped it first (list says what), or it stops again. A partition that is not"
          + " stopped is left as it is."
    },
    mixinStandardHelpOptions = true)
final class PartitionResumeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OperatorOptions operator;

  @Parameters(
      index = "0",
      paramLabel = "SERVICE",
      description = "order-svc, match-svc, settle-svc or asset-svc.")
  private String service;

  @Parameters(index = "1", paramLabel = "PARTITION", description = "Its number, as list shows it.")
  private int partition;

  @Override
  public Integer call() {
    return operator.call(spec, this::resume);
  }

  private int resume(Session session) {
    var asked = session.partitions().get(service);
    if (asked == null) {
      throw new IllegalArgumentException(
          "Expected one of the services %s, but got \"%s\"."
              .formatted(String.join(", ", session.partitions().keySet()), service));
    }
    ResumePartitionResponse answer =
        asked.resumePartition(ResumePartitionRequest.newBuilder().setPartition(partition).build());
    PrintWriter out = spec.commandLine().getOut();
    out.println(answer.getResumed() ? "It goes on:" : "It was not stopped:");
    out.println(PartitionListCommand.words(answer.getPartition()));
    return ExitCode.OK;
  }
}
