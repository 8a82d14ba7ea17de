package dev.sagax.bench.saga;

import dev.sagax.bench.client.OperatorOptions;
import dev.sagax.bench.client.Session;
import dev.sagax.proto.saga.v1.GetSagaRequest;
import dev.sagax.proto.saga.v1.GetSagaResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./sagax saga}: every step that an order took, and what it waits for. */
@Command(
    name = "saga",
    description = {
      "Shows every step that an order took, with where its record stands in the log, and what the order"
          + " waits for now.",
      "Asks the exchange that ./sagax up runs here, unless --target says another."
    },
    mixinStandardHelpOptions = true)
public final class SagaCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OperatorOptions operator;

  @Parameters(
      paramLabel = "ORDER_ID",
      description = "The order's id: 32 lowercase hexadecimal digits.")
  private String orderId;

  @Option(names = "--json", description = "Prints the saga as one JSON object.")
  private boolean json;

  @Override
  public Integer call() {
    return operator.call(spec, this::show);
  }

  private int show(Session session) {
    GetSagaResponse saga =
        session.sagas().getSaga(GetSagaRequest.newBuilder().setOrderId(orderId).build());
    if (json) {
      spec.commandLine().getOut().println(SagaJson.of(saga));
    } else {
      Timeline.of(saga).forEach(spec.commandLine().getOut()::println);
    }
    return ExitCode.OK;
  }
}
