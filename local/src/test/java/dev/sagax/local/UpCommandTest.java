package dev.sagax.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class UpCommandTest {

  @ParameterizedTest
  @ValueSource(strings = {"--replicas 2", "--processes --replicas 0", "--processes --replicas 10"})
  void replicasOutOfPlaceAreMisuse(String options) {
    assertThat(new CommandLine(new UpCommand()).execute(options.split(" "))).isEqualTo(2);
  }
}
