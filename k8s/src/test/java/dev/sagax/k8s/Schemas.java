package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The second checker: {@code k8s/check}, with the schemas that Kubernetes and the operators
 * publish.
 */
final class Schemas {
  private Schemas() {}

  /** What is wrong with some objects, a line each. */
  static List<String> faults(List<JsonNode> objects) {
    Path check = Chart.project().resolve("k8s/check");
    assertThat(check.resolve("node_modules"))
        .as(
            "what the checker needs; run `./sagax test`, or `npm ci` in k8s/check, which fetches it")
        .isDirectory();
    try {
      Process node =
          new ProcessBuilder("node", "check.js")
              .directory(check.toFile())
              .redirectErrorStream(true)
              .start();
      try (OutputStream in = node.getOutputStream()) {
        new ObjectMapper().writeValue(in, objects);
      }
      String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(node.waitFor()).as(said).isZero();
      return said.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
