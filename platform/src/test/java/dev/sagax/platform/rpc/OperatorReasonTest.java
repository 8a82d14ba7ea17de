package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperatorReasonTest {

  @Test
  void oneLineOfAnyLanguageIsKeptAsItIs() {
    String text = "고객 요청 – Überweisung №7 \uD83D\uDE80";

    assertThat(OperatorReason.of("reason", text)).isEqualTo(text);
    assertThat(OperatorReason.isSound("x".repeat(500))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "a\tb", "a\u0000b", "a\u0085b", "a\u2028b", "a\u2029b"})
  void whatIsNotOneLineOfTextIsRefused(String text) {
    assertThatThrownBy(() -> OperatorReason.of("reason", text))
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused -> {
              assertThat(refused.refusal().reason()).isEqualTo(Reason.INVALID_TEXT);
              assertThat(refused.refusal().field()).isEqualTo("reason");
            });
  }

  @Test
  void whatIsTooLongIsRefused() {
    assertThat(OperatorReason.isSound("x".repeat(501))).isFalse();
  }
}
