package dev.sagax.platform.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/errors.md} is made of the comments in {@code error_reason.proto}. Write it anew with
 * {@code -Dsagax.write=true}.
 */
class ErrorPageTest {
  private static final Path PROTO =
      Path.of("../proto/src/main/protobuf/sagax/error/v1/error_reason.proto");
  private static final Path PAGE = Path.of("../docs/errors.md");
  private static final Pattern VALUE = Pattern.compile("ERROR_REASON_([A-Z_]+) = ([0-9]+);");
  private static final Pattern COMMENT = Pattern.compile("\\[([A-Z_]+)\\] (.*)");
  private static final String HEAD =
      """
      # Errors

      <!-- Made of proto/src/main/protobuf/sagax/error/v1/error_reason.proto by ErrorPageTest. Do not edit. -->

      Every failed call carries a `google.rpc.ErrorInfo` with the domain `sagax.dev` and one of these reasons, in the trailer `grpc-status-details-bin` or, by JSON, in the
      body. The list is closed: a reason is added only with a new version of the contract, and none changes its meaning.

      Beside it stand a `google.rpc.RequestInfo` with the id of the call (`x-request-id`), a `google.rpc.BadRequest` if a field is at fault, and a `google.rpc.RetryInfo`
      where waiting helps.

      | reason | gRPC status | HTTP | meaning |
      |---|---|---|---|
      """;

  @Test
  void pageSaysWhatTheContractSays() throws IOException {
    String page = page();

    if (Boolean.getBoolean("sagax.write")) {
      Files.writeString(PAGE, page);
    }

    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }

  private static String page() throws IOException {
    StringBuilder page = new StringBuilder(HEAD);
    List<String> comment = new ArrayList<>();
    int rows = 0;
    for (String line : Files.readAllLines(PROTO)) {
      String text = line.strip();
      Matcher value = VALUE.matcher(text);
      if (text.startsWith("//")) {
        comment.add(text.substring(2).strip());
      } else if (value.matches() && !value.group(2).equals("0")) {
        page.append(row(value.group(1), String.join(" ", comment)));
        rows++;
      }
      if (!text.startsWith("//")) {
        comment.clear();
      }
    }
    assertThat(rows).isEqualTo(Reason.values().length);
    return page.toString();
  }

  private static String row(String reason, String comment) {
    Matcher parts = COMMENT.matcher(comment);
    assertThat(parts.matches()).as("[STATUS] and a sentence for " + reason).isTrue();
    Reason known = Reason.valueOf(reason);
    assertThat(parts.group(1)).as("the status of " + reason).isEqualTo(known.status.name());
    return "| `%s` | `%s` | %d | %s |%n"
        .formatted(reason, known.status, http(known), parts.group(2).replace("|", "\\|"));
  }

  /** As JSON over HTTP says it; {@code JsonStatus} decides, and {@code JsonTest} looks. */
  private static int http(Reason reason) {
    if (reason == Reason.MESSAGE_TOO_LARGE) {
      return 413;
    }
    if (reason == Reason.UNKNOWN_METHOD) {
      return 404;
    }
    return switch (reason.status) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
      case UNAUTHENTICATED -> 401;
      case PERMISSION_DENIED -> 403;
      case NOT_FOUND -> 404;
      case ALREADY_EXISTS -> 409;
      case RESOURCE_EXHAUSTED -> 429;
      case INTERNAL -> 500;
      case UNIMPLEMENTED -> 501;
      case UNAVAILABLE -> 503;
      case DEADLINE_EXCEEDED -> 504;
    };
  }
}
