package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadLetterIdTest {
  @Test
  void isReadAsItIsWritten() {
    var id = new DeadLetter.Id(Topic.TRANSFER_DLQ, 3, 999_999_999_999_999_999L);

    assertThat(id).hasToString("transfer.dlq/3/999999999999999999");
    assertThat(DeadLetter.Id.parse(id.toString())).contains(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "order.dlq",
        "order.dlq/0",
        "order.dlq/0/1/2",
        "order.dlq/-1/1",
        "order.dlq/0/1\n",
        "order.dlq/1234567890/1",
        "order.dlq/0/1234567890123456789",
        "orders.dlq/0/1",
        "ORDER.DLQ/0/1"
      })
  void nothingElseIsAnId(String text) {
    assertThat(DeadLetter.Id.parse(text)).isEmpty();
  }
}
