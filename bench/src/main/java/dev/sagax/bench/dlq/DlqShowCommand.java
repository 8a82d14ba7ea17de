package dev.sagax.bench.dlq;

import com.google.protobuf.ByteString;
import dev.sagax.proto.dlq.v1.DeadLetter;
import dev.sagax.proto.dlq.v1.DeadLetterServiceGrpc.DeadLetterServiceBlockingStub;
import dev.sagax.proto.dlq.v1.GetDeadLetterRequest;
import dev.sagax.proto.dlq.v1.GetDeadLetterResponse;
import dev.sagax.proto.dlq.v1.RecordHeader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./sagax dlq show}. */
@Command(
    name = "show",
    description = "Shows one dead letter with its record, byte for byte.",
    mixinStandardHelpOptions = true)
final class DlqShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private Operator operator;

  @Parameters(paramLabel = "ID", description = "As list shows it, for instance order.dlq/0/5.")
  private String id;

  @Option(
      names = "--value-to",
      paramLabel = "FILE",
      description = "Writes the record's value to a file, as it is.")
  private Path valueFile;

  @Override
  public Integer call() {
    return operator.callWriters(spec, this::show);
  }

  private int show(Map<String, DeadLetterServiceBlockingStub> writers) {
    GetDeadLetterResponse found =
        Operator.writerOf(id, writers)
            .getDeadLetter(GetDeadLetterRequest.newBuilder().setDeadLetterId(id).build());
    PrintWriter out = spec.commandLine().getOut();
    print(found, out);
    if (valueFile != null) {
      write(found.getValue(), out);
    }
    return ExitCode.OK;
  }

  private static void print(GetDeadLetterResponse found, PrintWriter out) {
    DeadLetter letter = found.getDeadLetter();
    line(out, "id", letter.getDeadLetterId());
    line(out, "state", Words.state(letter));
    line(out, "decided by", Words.decision(letter));
    line(out, "source", Words.source(letter));
    line(out, "recorded", letter.hasRecordTime() ? Words.time(letter.getRecordTime()) : "-");
    line(out, "subject", letter.getSubject().isEmpty() ? "-" : letter.getSubject());
    line(out, "error", letter.getError());
    line(
        out,
        "put aside",
        "by %s, attempts: %d".formatted(letter.getService(), letter.getAttempts()));
    line(
        out,
        "replay",
        letter.getReplayable() ? "possible" : "not possible: the source is numbered");
    bytes(out, "key", found.hasKey(), found.getKey());
    for (RecordHeader header : found.getHeadersList()) {
      String name = "header " + readable(header.getName());
      bytes(out, name, header.hasValue(), header.getValue());
    }
    bytes(out, "value", found.hasValue(), found.getValue());
  }

  private static void line(PrintWriter out, String name, String text) {
    out.println("%-11s %s".formatted(name, text));
  }

  private static void bytes(PrintWriter out, String name, boolean set, ByteString bytes) {
    line(out, name, set ? bytes.size() + " bytes" : "none");
    HexDump.print(bytes, out);
  }

  private static String readable(String name) {
    return name.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
  }

  private void write(ByteString value, PrintWriter out) {
    try {
      Files.write(valueFile, value.toByteArray());
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot write " + valueFile + ": " + e, e);
    }
    out.println("The value is in " + valueFile + ".");
  }
}
