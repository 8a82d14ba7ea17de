package dev.sagax.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.platform.rpc.Scope;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TokenCommandTest {
  @TempDir private Path directory;

  @Test
  void aDirectoryWithoutKeyIsLeftEmptySoThatUpCanStartThere() {
    Result result = token("alice", "--data", directory.toString());

    assertThat(result.status()).isEqualTo(1);
    assertThat(result.error()).contains("start ./sagax up first");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aTokenIsOfTheAccountAndHasTheScopesAskedFor() throws Exception {
    var tokens = DevTokens.load(directory.resolve(LocalExchange.KEY_FILE));

    Result result = token("alice", "--scope", "read,operator", "--data", directory.toString());

    assertThat(result.status()).isZero();
    var caller = tokens.verify(result.output().strip());
    assertThat(caller.account()).isEqualTo("alice");
    assertThat(caller.scopes()).containsExactlyInAnyOrder(Scope.READ, Scope.OPERATOR);
  }

  @Test
  void anUnknownScopeAndTheScopeOfServicesAreRefused() {
    assertThat(token("alice", "--scope", "admin").status()).isEqualTo(2);
    assertThat(token("alice", "--scope", "service").status()).isEqualTo(2);
    assertThat(token("a b").status()).isEqualTo(2);
    assertThat(token("alice", "--hours", "0").status()).isEqualTo(2);
  }

  private record Result(int status, String output, String error) {}

  private static Result token(String... words) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    PrintStream standardOut = System.out;
    PrintStream standardErr = System.err;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      int status = new CommandLine(new TokenCommand()).execute(words);
      return new Result(
          status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(standardOut);
      System.setErr(standardErr);
    }
  }
}
