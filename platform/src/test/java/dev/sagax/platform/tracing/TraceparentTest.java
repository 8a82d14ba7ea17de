package dev.sagax.platform.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceparentTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @Test
  void comesBackAsItWas() {
    for (boolean sampled : new boolean[] {true, false}) {
      var traceparent = new Traceparent(TRACE, SPAN, sampled);

      assertThat(Traceparent.parse(traceparent.toString())).contains(traceparent);
      assertThat(Traceparent.parse(traceparent.bytes())).contains(traceparent);
    }
  }

  @Test
  void flagsAndFieldsOfLaterVersionsAreIgnored() {
    assertThat(Traceparent.parse("cc-" + TRACE + "-" + SPAN + "-fb-what-comes"))
        .contains(new Traceparent(TRACE, SPAN, true));
    assertThat(Traceparent.parse("00-" + TRACE + "-" + SPAN + "-fe"))
        .contains(new Traceparent(TRACE, SPAN, false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-01-more",
        "00-" + TRACE + "-" + SPAN,
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
        " 00-" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-0\n1"
      })
  void whatIsNotWellFormedIsNoTrace(String text) {
    assertThat(Traceparent.parse(text)).isEmpty();
    assertThat(Traceparent.parse(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void nothingAndMuchAreNoTrace() {
    assertThat(Traceparent.parse((String) null)).isEmpty();
    assertThat(Traceparent.parse((byte[]) null)).isEmpty();
    assertThat(Traceparent.parse("cc-" + TRACE + "-" + SPAN + "-01-" + "x".repeat(300))).isEmpty();
  }

  @Test
  void idOfAStepDependsOnAllThatNamesTheRecordAndTheStep() {
    var parent = new Traceparent(TRACE, SPAN, true);
    String id = SpanIds.ofStep(parent, "order-svc", "settle.completed", 1, 7);

    assertThat(SpanIds.ofStep(parent, "order-svc", "settle.completed", 1, 7)).isEqualTo(id);
    assertThat(id).matches("[0-9a-f]{16}").isNotEqualTo(SPAN);
    assertThat(
            new String[] {
              SpanIds.ofStep(parent, "match-svc-market-data", "settle.completed", 1, 7),
              SpanIds.ofStep(parent, "order-svc", "match.requested", 1, 7),
              SpanIds.ofStep(parent, "order-svc", "settle.completed", 2, 7),
              SpanIds.ofStep(parent, "order-svc", "settle.completed", 1, 8),
              SpanIds.ofStep(
                  new Traceparent(TRACE, "b7ad6b7169203332", true),
                  "order-svc",
                  "settle.completed",
                  1,
                  7),
              id
            })
        .doesNotHaveDuplicates();
  }
}
