package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogAgreementTest {
  private static final TopicPartition PLACE = new TopicPartition("order.requested", 3);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "all that was acknowledged is there,              100,  0, 100, 100, false",
    "also with repeats before it,                     100,  0, 140, 100, false",
    "more may have come since,                        100,  0, 120, 120, false",
    "Kafka was put back to 98,                        100,  0,  98,  98, true",
    "and had repeats,                                 100,  0, 150,  98, true",
    "and had deleted old ones,                        100, 90,  98,  98, true",
    "Kafka begins anew,                               100,  0,   0,   0, true",
    "Kafka was put back and then emptied,             100, 98,  98,   0, true",
    "all of it was deleted in its time,               100, 100, 100, 0, false",
    "nothing was ever acknowledged,                     0,  0,   0,   0, false",
  })
  void recordsThatWereAcknowledgedAreLookedFor(
      String what, long acknowledged, long begin, long end, long highest, boolean missing) {
    var finding =
        LogAgreement.missing(PLACE, acknowledged, new OutputLog.Span(begin, end, highest));

    assertThat(finding.isPresent()).as(what).isEqualTo(missing);
  }

  @Test
  void theFindingNamesThePlaceAndTheNumbers() {
    assertThat(LogAgreement.missing(PLACE, 100, new OutputLog.Span(0, 98, 98)))
        .hasValue(
            "Kafka went back in time: record 100 of order.requested-3 is acknowledged, but the log has numbers up to 98 only.");
  }
}
