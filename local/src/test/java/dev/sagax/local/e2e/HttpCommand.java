package dev.sagax.local.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** As much of curl as documents use, for machines that have none. */
final class HttpCommand {
  private static final int REASON_OK = 200;

  private HttpCommand() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder();
    boolean headers = false;
    boolean body = true;
    for (Iterator<String> words = List.of(arguments).iterator(); words.hasNext(); ) {
      String word = words.next();
      switch (word) {
        case "-s" -> {}
        case "-H" -> {
          String[] header = words.next().split(": *", 2);
          request.header(header[0], header[1]);
        }
        case "-d" -> request.POST(BodyPublishers.ofString(words.next()));
        case "-D" -> headers = words.next().equals("-");
        case "-o" -> body = !words.next().equals("/dev/null");
        default -> request.uri(URI.create(word));
      }
    }
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      if (headers) {
        print(response);
      }
      if (body) {
        System.out.print(response.body());
      }
    }
  }

  private static void print(HttpResponse<String> response) {
    int status = response.statusCode();
    System.out.println("HTTP/1.1 " + status + (status == REASON_OK ? " OK" : ""));
    for (Map.Entry<String, List<String>> header : response.headers().map().entrySet()) {
      header.getValue().forEach(value -> System.out.println(header.getKey() + ": " + value));
    }
    System.out.println();
  }
}
