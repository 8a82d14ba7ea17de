package dev.sagax.local.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Calls by JSON that are to fail: they throw what the same call by gRPC would. */
final class JsonPosts {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int OK = 200;

  private final int port;
  private final String token;

  JsonPosts(int port, String token) {
    this.port = port;
    this.token = token;
  }

  void place(String body) {
    send("POST", "/v1/orders", "application/json", body);
  }

  void get(String path) {
    send("GET", path, "application/json", "");
  }

  void send(String verb, String path, String type, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(PATIENCE)
            .header("authorization", "Bearer " + token)
            .header("content-type", type)
            .method(verb, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != OK) {
        throw StatusProto.toStatusRuntimeException(status(JSON.readTree(answer.body())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static Status status(JsonNode json) {
    Status.Builder status =
        Status.newBuilder()
            .setCode(json.path("code").asInt())
            .setMessage(json.path("message").asText());
    for (JsonNode detail : json.path("details")) {
      String type = detail.path("@type").asText();
      if (type.endsWith("/google.rpc.ErrorInfo")) {
        status.addDetails(Any.pack(info(detail)));
      } else if (type.endsWith("/google.rpc.BadRequest")) {
        status.addDetails(Any.pack(badRequest(detail)));
      }
    }
    return status.build();
  }

  private static ErrorInfo info(JsonNode detail) {
    return ErrorInfo.newBuilder()
        .setReason(detail.path("reason").asText())
        .setDomain(detail.path("domain").asText())
        .build();
  }

  private static BadRequest badRequest(JsonNode detail) {
    return BadRequest.newBuilder()
        .addFieldViolations(
            BadRequest.FieldViolation.newBuilder()
                .setField(detail.at("/fieldViolations/0/field").asText()))
        .build();
  }
}
