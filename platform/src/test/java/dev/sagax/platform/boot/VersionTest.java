package dev.sagax.platform.boot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionTest {

  @Test
  void versionIsTheOneOfTheBuild() throws Exception {
    assertThat(new Version().getVersion()[0]).matches("Sagax [0-9]+\\.[0-9]+\\.[0-9]+\\S*");
  }
}
