package dev.sagax.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {

  @Test
  void aHostHasTheDefaultPorts() {
    assertThat(Targets.parse("exchange.test"))
        .isEqualTo(Targets.on("exchange.test", 9101, 9102, 9103, 9104));
  }

  @Test
  void everyServiceMayHaveItsOwnAddress() {
    Targets targets = Targets.parse("asset=d:4,order=a:1,match=b:2,settle=[::1]:3");

    assertThat(targets.order()).hasToString("a:1");
    assertThat(targets.match()).hasToString("b:2");
    assertThat(targets.settle()).hasToString("[::1]:3");
    assertThat(targets.asset()).hasToString("d:4");
  }

  @Test
  void isWrittenAsItIsRead() {
    Targets targets = Targets.parse("asset=d:4,order=a:1,match=b:2,settle=[::1]:3");

    assertThat(Targets.parse(targets.toString())).isEqualTo(targets);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "host:9101",
        "order=a:1",
        "order=a:1,match=b:2,settle=c:3",
        "order=a:1,match=b:2,settle=c:3,asset=d",
        "order=a:1,match=b:2,settle=c:3,asset=d:0",
        "order=a:1,match=b:2,settle=c:3,asset=d:65536",
        "order=a:1,match=b:2,settle=c:3,asset=:4",
        "order=a:1,match=b:2,settle=c:3,asset=d:4,order=a:1",
        "order=a:1,match=b:2,settle=c:3,wallet=d:4"
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> Targets.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .endsWith(".");
  }
}
