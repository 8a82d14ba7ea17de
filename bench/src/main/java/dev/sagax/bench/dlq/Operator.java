package dev.sagax.bench.dlq;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.Refusals;
import dev.sagax.bench.client.Session;
import dev.sagax.bench.client.Targets;
import dev.sagax.bench.client.TokenFile;
import dev.sagax.local.Endpoints;
import dev.sagax.local.LocalExchange;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc.DeadLetterServiceBlockingStub;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Which exchange is asked, and as whom: the options that all commands share. */
final class Operator {
  private static final Path DATA = Path.of(".sagax");
  private static final String THIS_MACHINE = "127.0.0.1";

  @Option(
      names = "--target",
      paramLabel = "HOST",
      description =
          "Where the exchange is: a host with the ports 9101 to 9104, or"
              + " order=H:P,match=H:P,settle=H:P,asset=H:P (default: the one that ./sagax up runs"
              + " here, else 127.0.0.1).")
  private String target;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "An operator's token, or the key that signs tokens (default: .sagax/"
              + LocalExchange.KEY_FILE
              + ").")
  private Path tokenFile = DATA.resolve(LocalExchange.KEY_FILE);

  @Option(
      names = "--as",
      paramLabel = "NAME",
      description =
          "Who decides, where the key signs the token (default: ${DEFAULT-VALUE}). It is kept with"
              + " the decision.")
  private String name = "operator";

  /**
   * Does something with the services that write dead letters, by topic.
   *
   * @return the exit code; what goes wrong is told in a sentence
   */
  int call(
      CommandSpec spec, ToIntFunction<Map<String, DeadLetterServiceBlockingStub>> conversation) {
    try {
      if (Files.notExists(tokenFile)) {
        throw new IllegalArgumentException(
            "There is no %s: say with --token-file who may act as an operator."
                .formatted(tokenFile));
      }
      try (ExchangeClient client = new ExchangeClient(targets(), TokenFile.read(tokenFile))) {
        Session session = client.as(name, Set.of(Scope.OPERATOR));
        return conversation.applyAsInt(session.deadLetters());
      }
    } catch (IllegalArgumentException e) {
      spec.commandLine().getErr().println(e.getMessage());
      return ExitCode.USAGE;
    } catch (StatusRuntimeException e) {
      spec.commandLine().getErr().println(Refusals.describe(e));
      return ExitCode.SOFTWARE;
    } finally {
      spec.commandLine().getOut().flush();
    }
  }

  private Targets targets() {
    if (target != null) {
      return Targets.parse(target);
    }
    return Endpoints.exist(DATA) ? Targets.of(Endpoints.read(DATA)) : Targets.parse(THIS_MACHINE);
  }

  /**
   * The service that knows a dead letter.
   *
   * @throws IllegalArgumentException if the id names no dead-letter topic
   */
  static DeadLetterServiceBlockingStub writerOf(
      String id, Map<String, DeadLetterServiceBlockingStub> writers) {
    DeadLetterServiceBlockingStub writer = writers.get(id.split("/", 2)[0]);
    if (writer == null) {
      throw new IllegalArgumentException(
          "Expected TOPIC/PARTITION/NUMBER with one of the topics %s, but got \"%s\"."
              .formatted(String.join(", ", writers.keySet()), id));
    }
    return writer;
  }
}
