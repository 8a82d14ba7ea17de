package dev.sagax.platform.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TracingTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      textBlock =
          """
          # endpoint,         of traces,                exporter, disabled, on
          -,                  -,                        -,        -,        false
          '',                 '',                       '',       -,        false
          http://tempo:4318,  -,                        -,        -,        true
          -,                  http://tempo:4318/traces, -,        false,    true
          -,                  -,                        otlp,     -,        true
          http://tempo:4318,  -,                        none,     -,        false
          http://tempo:4318,  -,                        otlp,     true,     false
          """)
  void isOnWhenACollectorIsNamed(
      String endpoint, String ofTraces, String exporter, String disabled, boolean on) {
    Map<String, String> settings = new java.util.HashMap<>();
    settings.put("otel.exporter.otlp.endpoint", endpoint);
    settings.put("otel.exporter.otlp.traces.endpoint", ofTraces);
    settings.put("otel.traces.exporter", exporter);
    settings.put("otel.sdk.disabled", disabled);

    assertThat(Tracing.isWanted(settings::get)).isEqualTo(on);
  }
}
