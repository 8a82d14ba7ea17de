package dev.sagax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class SagaxTest {

  @Test
  void versionIsTheOneOfTheBuild() {
    StringWriter out = new StringWriter();
    CommandLine sagax = Sagax.commandLine().setOut(new PrintWriter(out));

    int status = sagax.execute("version");

    assertThat(status).isZero();
    assertThat(out.toString()).matches("(?s)Sagax [0-9]+\\.[0-9]+\\.[0-9]+\\S*\\R.*");
  }

  @Test
  void misuseIsTwo() {
    CommandLine sagax = Sagax.commandLine().setErr(new PrintWriter(new StringWriter()));

    assertThat(sagax.execute("version", "--no-such-option")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"up", "demo", "replay", "bench"})
  void everyCommandThatStartsAnExchangeTakesAMarketsFile(String command) {
    assertThat(Sagax.commandLine().getSubcommands().get(command).getCommandSpec().optionsMap())
        .containsKey("--markets");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-h", "--help", "help"})
  void scriptListsEveryCommandWithALine(String asked) throws Exception {
    String help = script(0, asked.isEmpty() ? new String[0] : new String[] {asked});

    assertThat(Sagax.commandLine().getSubcommands().keySet())
        .allSatisfy(command -> assertThat(help).containsPattern("(?m)^  " + command + " +\\S+"));
    assertThat(help).containsPattern("(?m)^  test +\\S+");
  }

  @Test
  void scriptRefusesAnUnknownCommandByItsName() throws Exception {
    assertThat(script(1, "tset")).contains("There is no command 'tset'.");
  }

  private static String script(int expectedStatus, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(Path.of("..", "sagax").toString());
    builder.command().addAll(List.of(arguments));
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isEqualTo(expectedStatus);
    return output;
  }
}
