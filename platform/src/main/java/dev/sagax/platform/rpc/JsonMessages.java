package dev.sagax.platform.rpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Timestamp;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RequestInfo;
import com.google.rpc.RetryInfo;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
   * A field and its value as text.
   *
   * @param path {@code page_size} or {@code pageSize}, {@code client_order.market}
   */
  record Parameter(String path, String value) {}

  /**
   * A request out of what the client sent.
   *
   * @param body "" for none
   * @param named go before the fields of the body. Only a repeated field may be there twice: it has
   *     all the values in their order.
   * @throws FailureException MALFORMED_MESSAGE
   */
  @SuppressWarnings("unchecked")
  static <Q extends Message> Q read(Q prototype, String body, List<Parameter> named) {
    try {
      ObjectNode json = objectOf(body);
      Set<String> seen = new HashSet<>();
      for (Parameter one : named) {
        put(json, prototype.getDescriptorForType(), "", one.path(), one.value(), seen);
      }
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

  private static void put(
      ObjectNode json,
      Descriptor type,
      String within,
      String path,
      String value,
      Set<String> seen) {
    int dot = path.indexOf('.');
    FieldDescriptor field = fieldOf(type, dot < 0 ? path : path.substring(0, dot));
    boolean fits = field != null && (dot < 0 ? isText(field) : nests(field) && !field.isRepeated());
    if (!fits) {
      throw malformed("There is no parameter %s that could have a value.".formatted(within + path));
    }
    String name = within + field.getName();
    boolean first = seen.add(name);
    if (dot >= 0) {
      ObjectNode inner = objectOf(json, field);
      put(inner, field.getMessageType(), name + ".", path.substring(dot + 1), value, seen);
    } else if (field.isRepeated()) {
      listOf(json, field, first).add(value);
    } else if (first) {
      json.remove(field.getJsonName());
      json.put(field.getName(), value);
    } else {
      throw malformed("The parameter %s is there twice.".formatted(name));
    }
  }

  /** Whether one value of it is one text in JSON. */
  private static boolean isText(FieldDescriptor field) {
    return !nests(field)
        || field.getMessageType().getFullName().equals(Timestamp.getDescriptor().getFullName());
  }

  private static boolean nests(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
  }

  private static ObjectNode objectOf(ObjectNode json, FieldDescriptor field) {
    String name = json.has(field.getJsonName()) ? field.getJsonName() : field.getName();
    if (!json.has(name)) {
      return json.putObject(name);
    }
    if (json.get(name) instanceof ObjectNode object) {
      return object;
    }
    throw malformed("The field %s is no JSON object.".formatted(name));
  }

  private static ArrayNode listOf(ObjectNode json, FieldDescriptor field, boolean isNew) {
    if (isNew) {
      json.remove(field.getJsonName());
      return json.putArray(field.getName());
    }
    return (ArrayNode) json.get(field.getName());
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
