package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What a release consists of.
 *
 * @param all its objects, hooks too
 * @param notes what is said after an installation
 */
public record Manifests(List<JsonNode> all, String notes) {
  static final List<String> SERVICES = List.of("order-svc", "match-svc", "settle-svc", "asset-svc");

  static Manifests parse(String yaml, String notesName) {
    List<JsonNode> all = new ArrayList<>();
    String notes = null;
    try (MappingIterator<JsonNode> documents =
        new YAMLMapper().readerFor(JsonNode.class).readValues(yaml)) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.at("/metadata/name").asText().equals(notesName)) {
          notes = document.at("/data/text").asText();
        } else if (document.isObject()) {
          all.add(document);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Manifests(List.copyOf(all), notes);
  }

  /** All objects of a kind. */
  public List<JsonNode> ofKind(String kind) {
    return all.stream().filter(object -> object.path("kind").asText().equals(kind)).toList();
  }

  JsonNode named(String kind, String name) {
    List<JsonNode> found = ofKind(kind).stream().filter(o -> nameOf(o).equals(name)).toList();
    assertThat(found).as("%s %s", kind, name).hasSize(1);
    return found.getFirst();
  }

  /** The StatefulSets and Deployments. */
  public List<JsonNode> workloads() {
    return Stream.concat(ofKind("StatefulSet").stream(), ofKind("Deployment").stream()).toList();
  }

  JsonNode workload(String service) {
    return workloads().stream()
        .filter(object -> nameOf(object).endsWith("-" + service))
        .findFirst()
        .orElseThrow(() -> new AssertionError("There is no " + service + "."));
  }

  /** The specs of all pods: of services, of the hook and of the test. */
  List<JsonNode> pods() {
    Stream<JsonNode> made =
        Stream.concat(workloads().stream(), ofKind("Job").stream())
            .map(object -> object.at("/spec/template/spec"));
    return Stream.concat(made, ofKind("Pod").stream().map(pod -> pod.get("spec"))).toList();
  }

  static String nameOf(JsonNode object) {
    return object.at("/metadata/name").asText();
  }

  static Stream<JsonNode> stream(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false);
  }
}
