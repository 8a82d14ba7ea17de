package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a service answered to Prometheus once.
 *
 * @param types of the metrics, by name
 */
record Scrape(String text, Map<String, String> types, List<Sample> samples) {
  private static final Pattern LINE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

  /** One value. */
  record Sample(String name, Map<String, String> labels, double value) {
    /**
     * @param some names and values in turn
     */
    private boolean has(String name, String... some) {
      boolean all = this.name.equals(name);
      for (int i = 0; i < some.length; i += 2) {
        all &= some[i + 1].equals(labels.get(some[i]));
      }
      return all;
    }
  }

  static Scrape of(HttpClient http, int port) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return parse(answer.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static Scrape parse(String text) {
    Map<String, String> types = new TreeMap<>();
    List<Sample> samples = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ");
        assertThat(types.put(words[2], words[3])).as("%s stands here twice", words[2]).isNull();
      } else if (!line.startsWith("#")) {
        samples.add(sample(line));
      }
    }
    return new Scrape(text, types, samples);
  }

  private static Sample sample(String line) {
    Matcher parts = LINE.matcher(line);
    assertThat(parts.matches()).as(line).isTrue();
    Map<String, String> labels = new HashMap<>();
    if (parts.group(2) != null) {
      Matcher label = LABEL.matcher(parts.group(2));
      int end = 0;
      while (label.find()) {
        labels.put(label.group(1), label.group(2));
        end = label.end();
      }
      assertThat(end).as(line).isEqualTo(parts.group(2).length());
    }
    String value = parts.group(3).replace("Inf", "Infinity");
    return new Sample(parts.group(1), labels, Double.parseDouble(value));
  }

  /** The values of a name with these labels, maybe among others. */
  List<Double> values(String name, String... labels) {
    return samples.stream().filter(s -> s.has(name, labels)).map(Sample::value).toList();
  }

  /** Their sum; there has to be one. */
  double sum(String name, String... labels) {
    List<Double> values = values(name, labels);
    assertThat(values).as(name + List.of(labels)).isNotEmpty();
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** What of each name there is to be asked for, with the labels that it has. */
  static Map<String, Set<String>> names(Stream<Scrape> scrapes) {
    return scrapes
        .flatMap(scrape -> scrape.samples().stream())
        .collect(
            Collectors.groupingBy(
                Sample::name,
                TreeMap::new,
                Collectors.flatMapping(
                    sample -> sample.labels().keySet().stream(), Collectors.toSet())));
  }
}
