package dev.sagax.bench.dlq;

import dev.sagax.bench.client.OperatorOptions;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc.DeadLetterServiceBlockingStub;
import java.util.Map;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Model.CommandSpec;

/** The options that all commands share, and whom they talk to. */
final class Operator extends OperatorOptions {

  /**
   * Does something with the services that write dead letters, by topic.
   *
   * @return the exit code; what goes wrong is told in a sentence
   */
  int callWriters(
      CommandSpec spec, ToIntFunction<Map<String, DeadLetterServiceBlockingStub>> conversation) {
    return call(spec, session -> conversation.applyAsInt(session.deadLetters()));
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
