package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code buf curl}: a gRPC client of others, which knows a service by reflection alone. */
final class Buf {
  private static final long PATIENCE_SECONDS = 60;

  /**
   * What a run of it said.
   *
   * @param exit 0 if the call was answered with OK
   */
  record Answer(int exit, String out, String err) {
    JsonNode json() {
      assertThat(exit).as(err).isZero();
      try {
        return new ObjectMapper().readTree(out);
      } catch (JsonProcessingException e) {
        throw new AssertionError(out, e);
      }
    }

    List<String> lines() {
      assertThat(exit).as(err).isZero();
      return out.lines().toList();
    }
  }

  private Buf() {}

  /**
   * @param reflection "grpc-v1" or "grpc-v1alpha"
   */
  static Answer curl(String reflection, int port, String path, String... options) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of(executable().toString(), "curl", "--http2-prior-knowledge"));
    words.addAll(List.of("--protocol", "grpc", "--reflect-protocol", reflection));
    words.addAll(List.of(options));
    words.add("http://127.0.0.1:" + port + path);
    return run(words);
  }

  /** Runs a line of shell with these variables. */
  static Answer shell(String line, Map<String, String> environment) {
    return run(List.of("bash", "-c", line), environment);
  }

  private static Answer run(List<String> words) {
    return run(words, Map.of());
  }

  private static Answer run(List<String> words, Map<String, String> environment) {
    try {
      Path out = Files.createTempFile("buf", ".out");
      Path err = Files.createTempFile("buf", ".err");
      ProcessBuilder builder =
          new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("It did not end: " + words);
      }
      Answer answer = new Answer(process.exitValue(), read(out), read(err));
      Files.delete(out);
      Files.delete(err);
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }

  /** The directory with the script and the README. */
  static Path projectRoot() {
    Path root = Path.of("").toAbsolutePath();
    while (root != null && Files.notExists(root.resolve("mvnw"))) {
      root = root.getParent();
    }
    assertThat(root).as("the root of the project").isNotNull();
    return root;
  }

  static Path executable() {
    Path buf = projectRoot().resolve("proto/node_modules/.bin/buf");
    assertThat(buf)
        .as("buf; run `./sagax test`, or `npm ci` in proto/, which fetches it")
        .isExecutable();
    return buf;
  }
}
