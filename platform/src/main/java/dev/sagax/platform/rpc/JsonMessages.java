package dev.sagax.platform.rpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import java.io.IOException;
import java.util.Map;

/** Requests and answers as JSON, by the rules of proto3 (protobuf.dev/programming-guides/json). */
final class JsonMessages {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();
  private static final TypeRegistry DETAILS =
      TypeRegistry.newBuilder()
          .add(ErrorInfo.getDescriptor())
          .add(BadRequest.getDescriptor())
          .add(RequestInfo.getDescriptor())
          .add(RetryInfo.getDescriptor())
          .build();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer()
          .usingTypeRegistry(DETAILS)
          .alwaysPrintFieldsWithNoPresence()
          .omittingInsignificantWhitespace();

  private JsonMessages() {}

  /**
   * A request out of what the client sent.
   *
   * @param body "" for none
   * @param named fields by their path ({@code page_size}, {@code client_order.market}); they go
   *     before the body's
   * @throws FailureException MALFORMED_MESSAGE
   */
  @SuppressWarnings("unchecked")
  static <Q extends Message> Q read(Q prototype, String body, Map<String, String> named) {
    try {
      ObjectNode json = objectOf(body);
      named.forEach((path, value) -> put(json, prototype.getDescriptorForType(), path, value));
      Message.Builder builder = prototype.newBuilderForType();
      PARSER.merge(JSON.writeValueAsString(json), builder);
      return (Q) builder.build();
    } catch (JsonProcessingException e) {
      throw malformed("The body is no JSON: " + e.getOriginalMessage());
    } catch (InvalidProtocolBufferException e) {
      throw malformed("The JSON is not a request of this method: " + e.getMessage());
    } catch (IOException e) {
      throw malformed("The body cannot be read.");
    }
  }

  static String write(MessageOrBuilder message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message cannot be written as JSON.", e);
    }
  }

  private static ObjectNode objectOf(String body) throws IOException {
    if (body.isBlank()) {
      return JSON.createObjectNode();
    }
    JsonNode json = JSON.readTree(body);
    if (!(json instanceof ObjectNode object)) {
      throw malformed("The body is no JSON object.");
    }
    return object;
  }

  private static void put(ObjectNode json, Descriptor type, String path, String value) {
    int dot = path.indexOf('.');
    String name = dot < 0 ? path : path.substring(0, dot);
    FieldDescriptor field = fieldOf(type, name);
    boolean nests = field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    if (field == null || nests == (dot < 0) || field.isRepeated()) {
      throw malformed("There is no parameter %s that could have a value.".formatted(path));
    }
    if (dot < 0) {
      json.remove(field.getJsonName());
      json.put(field.getName(), value);
    } else {
      put(json.withObject("/" + name), field.getMessageType(), path.substring(dot + 1), value);
    }
  }

  private static FieldDescriptor fieldOf(Descriptor type, String name) {
    for (FieldDescriptor field : type.getFields()) {
      if (field.getName().equals(name) || field.getJsonName().equals(name)) {
        return field;
      }
    }
    return null;
  }

  private static FailureException malformed(String sentence) {
    return new FailureException(Failures.malformed(sentence));
  }
}
