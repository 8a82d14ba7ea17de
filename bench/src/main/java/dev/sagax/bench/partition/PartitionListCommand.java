package dev.sagax.bench.partition;

import dev.sagax.bench.client.OperatorOptions;
import dev.sagax.bench.client.Session;
import dev.sagax.proto.partition.v1.ListPartitionsRequest;
import dev.sagax.proto.partition.v1.Partition;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./sagax partition list}. */
@Command(
    name = "list",
    description = "Lists the partitions of the instances that are asked, and what each one does.",
    mixinStandardHelpOptions = true)
final class PartitionListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OperatorOptions operator;

  @Override
  public Integer call() {
    return operator.call(spec, this::list);
  }

  private int list(Session session) {
    session
        .partitions()
        .values()
        .forEach(service ->
            service
                .listPartitions(ListPartitionsRequest.getDefaultInstance())
                .getPartitionsList()
                .forEach(this::print));
    return ExitCode.OK;
  }

  private void print(Partition partition) {
    spec.commandLine().getOut().println(words(partition));
  }

  /** "match-svc 2 STOPPED Record 7 of match.requested ..." */
  static String words(Partition partition) {
    return "%-10s %3d  %-7s  %s"
        .formatted(
            partition.getService(),
            partition.getPartition(),
            partition.getState().name().replace("PARTITION_STATE_", ""),
            partition.getDetail())
        .stripTrailing();
  }
}
