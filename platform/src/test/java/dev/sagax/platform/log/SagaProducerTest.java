package dev.sagax.platform.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.junit.jupiter.api.Test;

class SagaProducerTest {

  @Test
  void producerIsBrokenByWhatFailsAllItsLaterSends() {
    assertThat(
            List.of(
                new ProducerFencedException(""),
                new InvalidProducerEpochException(""),
                new UnknownProducerIdException(""),
                new OutOfOrderSequenceException(""),
                new ClusterAuthorizationException(""),
                new IllegalStateException("closed"),
                new KafkaException("in an error state", new ProducerFencedException(""))))
        .allMatch(SagaProducer::isFatal);
  }

  @Test
  void producerSurvivesWhatMayPass() {
    assertThat(
            List.of(
                new TimeoutException(),
                new NotEnoughReplicasException(),
                new RecordTooLargeException()))
        .noneMatch(SagaProducer::isFatal);
    assertThat(SagaProducer.isFatal(null)).isFalse();
  }
}
