package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.pgclient.PgException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class FaultsTest {
  private static final KafkaSettings UNKNOWN = new KafkaSettings("no-such-host.invalid:9092");

  @Test
  void nameOfABrokerThatDoesNotResolveIsInfrastructure() {
    assertThatThrownBy(() -> UNKNOWN.producer("test")).matches(Faults::isInfrastructure);
    assertThat(Faults.isInfrastructure(new KafkaException(new ConfigException("acks", "some"))))
        .isFalse();
  }

  @Test
  void lockThatIsNotToBeHadInTimeIsWaitedFor() {
    var locked = new PgException("canceling statement due to lock timeout", "ERROR", "55P03", "");

    assertThat(Faults.isInfrastructure(locked)).isTrue();
  }

  @Test
  void clientIsMadeOnceANameResolves() {
    List<String> asked = new ArrayList<>();

    var made =
        KafkaSettings.whenResolvable(
            () -> {
              asked.add("");
              if (asked.size() < 3) {
                UNKNOWN.freeConsumer("test").close();
              }
              return "client";
            },
            () -> false);

    assertThat(made).contains("client");
    assertThat(asked).hasSize(3);
  }

  @Test
  void clientIsNotWaitedForAfterAStop() {
    assertThat(KafkaSettings.whenResolvable(() -> UNKNOWN.freeConsumer("test"), () -> true))
        .isEmpty();
  }
}
