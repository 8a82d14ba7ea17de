package dev.sagax.platform.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** The log as logback.xml makes it, in both formats. */
class JsonLogTest {
  private final LoggerContext context = new LoggerContext();

  @AfterEach
  void stop() {
    context.stop();
  }

  private Logger configured(String format) throws Exception {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.putProperty("sagax.log.format", format);
    context.putProperty("sagax.log.service", "match-svc");
    context.putProperty("sagax.log.instance", "match-svc-1");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(getClass().getResource("/logback.xml"));
    return context.getLogger("dev.sagax.platform.log.SagaStep");
  }

  private String line(Logger logger, LoggingEvent event) {
    var console =
        (ConsoleAppender<?>) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("CONSOLE");
    @SuppressWarnings("unchecked")
    Encoder<Object> encoder = (Encoder<Object>) console.getEncoder();
    assertThat(console.getTarget()).isEqualTo("System.err");
    return new String(encoder.encode(event), StandardCharsets.UTF_8);
  }

  private static LoggingEvent event(Logger logger, String message, Object... arguments) {
    return new LoggingEvent(
        JsonLogTest.class.getName(), logger, Level.WARN, message, null, arguments);
  }

  private JsonNode json(Logger logger, LoggingEvent event) throws Exception {
    String line = line(logger, event);
    assertThat(line).endsWith("\n");
    assertThat(line.strip()).doesNotContain("\n");
    return new ObjectMapper().readTree(line);
  }

  @Test
  void lineIsAnObjectThatSaysWhoSpeaks() throws Exception {
    Logger logger = configured("json");

    JsonNode line = json(logger, event(logger, "Waiting {} ms partition={}", 100, 3));

    assertThat(line.get("message").asText()).isEqualTo("Waiting 100 ms partition=3");
    assertThat(line.get("service").asText()).isEqualTo("match-svc");
    assertThat(line.get("instance").asText()).isEqualTo("match-svc-1");
    assertThat(line.get("level").asText()).isEqualTo("WARN");
    assertThat(line.get("logger").asText()).isEqualTo("dev.sagax.platform.log.SagaStep");
    assertThat(line.get("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    assertThat(line.has("thread")).isTrue();
  }

  @Test
  void whatTheMessageNamesIsFoundByName() throws Exception {
    Logger logger = configured("json");

    JsonNode line =
        json(
            logger,
            event(
                logger,
                "Refused {}: service={} partition={} orderId={} to={}",
                "it",
                "match-svc-market-data",
                2,
                "00ff",
                null));

    assertThat(line.get("step").asText()).isEqualTo("match-svc-market-data");
    assertThat(line.get("service").asText()).isEqualTo("match-svc");
    assertThat(line.get("partition").isInt()).isTrue();
    assertThat(line.get("partition").asInt()).isEqualTo(2);
    assertThat(line.get("order_id").asText()).isEqualTo("00ff");
    assertThat(line.has("to")).isFalse();
  }

  @Test
  void keyValuesAreFieldsAndCannotTakeTheNamesOfOthers() throws Exception {
    Logger logger = configured("json");
    LoggingEvent event = event(logger, "A call failed through a bug");
    event.addKeyValuePair(new KeyValuePair("requestId", "r-1"));
    event.addKeyValuePair(new KeyValuePair("trace_id", "4bf9"));
    event.addKeyValuePair(new KeyValuePair("message", "other"));

    String line = line(logger, event);
    JsonNode json = new ObjectMapper().readTree(line);

    assertThat(json.get("request_id").asText()).isEqualTo("r-1");
    assertThat(json.get("trace_id").asText()).isEqualTo("4bf9");
    assertThat(json.get("message").asText()).isEqualTo("A call failed through a bug");
    assertThat(line.split("\"message\"", -1)).hasSize(2);
  }

  @Test
  void stackTraceIsInTheLine() throws Exception {
    Logger logger = configured("json");
    LoggingEvent event =
        new LoggingEvent(
            JsonLogTest.class.getName(),
            logger,
            Level.ERROR,
            "Step failed partition={}",
            new IllegalStateException("why"),
            new Object[] {1});

    JsonNode line = json(logger, event);

    assertThat(line.get("stack_trace").asText())
        .startsWith("java.lang.IllegalStateException: why")
        .contains("at dev.sagax");
  }

  @Test
  void peopleGetTheTextThatTheyHadBefore() throws Exception {
    Logger logger = configured("text");
    LoggingEvent event = event(logger, "A dependency is away");
    event.addKeyValuePair(new KeyValuePair("dependency", "kafka"));

    assertThat(line(logger, event))
        .matches("[0-9:.]{12} WARN  SagaStep - A dependency is away dependency=\"kafka\"\n");
  }
}
