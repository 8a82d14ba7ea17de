package dev.sagax.proto.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.TextFormat;
import dev.sagax.proto.event.v1.Events;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that releases have written into the topics are read by this build as what they were. They
 * lie in {@code events/VERSION/TOPIC/KIND.bin}, with what they say in a {@code .txtpb} beside them;
 * {@code dev.sagax.local.e2e.EventRecorderTest} records kinds that are missing. What lies there is
 * never recorded again.
 */
class RecordedEventsTest {
  private static final Path EVENTS = Path.of("src/test/resources/events");

  static Stream<Path> recorded() throws IOException {
    try (Stream<Path> files = Files.walk(EVENTS)) {
      List<Path> found = files.filter(f -> f.toString().endsWith(".bin")).sorted().toList();
      assertThat(found).hasSizeGreaterThan(30);
      return found.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void isReadAsWhatItWas(Path bytes) throws IOException {
    Message event = read(bytes);

    assertThat(TextFormat.printer().printToString(event)).isEqualTo(said(bytes));
    assertThat(unknownIn(event)).as("fields that this build does not know").isEmpty();
    assertThat(event.toByteArray())
        .as("it is written as it was, so a replay gives the same bytes")
        .isEqualTo(Files.readAllBytes(bytes));
  }

  /** Whoever adds a case to an event records one. */
  @Test
  void everyCaseOfEveryEventIsRecorded() throws IOException {
    Set<String> cases = new TreeSet<>();
    for (Descriptor event : events()) {
      casesOf(event, event.getName(), new HashSet<>(), cases);
    }
    assertThat(cases).contains("OrderRequested", "OrderRequested.place.terms.limit");
    cases.removeIf(
        name -> name.matches(".*\\.replace\\.place\\.terms\\.market_.*")); // it has to rest

    Set<String> seen = new TreeSet<>();
    for (Path bytes : recorded().toList()) {
      Message event = read(bytes);
      seen.add(event.getDescriptorForType().getName());
      casesIn(event, event.getDescriptorForType().getName(), seen);
    }
    assertThat(seen).containsAll(cases);
  }

  /** The messages that are called like topics: no other message holds them all. */
  private static List<Descriptor> events() {
    Set<String> topics = new TreeSet<>();
    try (Stream<Path> versions = Files.list(EVENTS)) {
      for (Path version : versions.toList()) {
        try (Stream<Path> files = Files.list(version)) {
          files
              .filter(Files::isDirectory)
              .map(topic -> messageOf(topic.getFileName().toString()))
              .forEach(topics::add);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Descriptor> events =
        Events.getDescriptor().getMessageTypes().stream()
            .filter(type -> type.getName().matches(".*(Requested|Completed|Rejected|Updated)"))
            .toList();
    assertThat(events).extracting(Descriptor::getName).containsExactlyInAnyOrderElementsOf(topics);
    return events;
  }

  private static void casesOf(
      Descriptor type, String path, Set<Descriptor> above, Set<String> cases) {
    if (!above.add(type)) {
      return;
    }
    if (above.size() == 1) {
      cases.add(path);
    }
    for (FieldDescriptor field : type.getFields()) {
      String name = path + "." + field.getName();
      if (field.getRealContainingOneof() != null) {
        cases.add(name);
      }
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !isCopy(field)) {
        casesOf(field.getMessageType(), name, above, cases);
      }
    }
    above.remove(type);
  }

  /** Whose cases are those of another topic already. */
  private static boolean isCopy(FieldDescriptor field) {
    return field.getMessageType().getName().endsWith("Requested");
  }

  private static void casesIn(Message message, String path, Set<String> cases) {
    message
        .getAllFields()
        .forEach((field, value) -> {
          String name = path + "." + field.getName();
          if (field.getRealContainingOneof() != null) {
            cases.add(name);
          }
          if (value instanceof Message inner) {
            casesIn(inner, name, cases);
          }
        });
  }

  private static List<String> unknownIn(Message message) {
    List<String> unknown = new ArrayList<>();
    if (!message.getUnknownFields().asMap().isEmpty()) {
      unknown.add(
          message.getDescriptorForType().getName() + message.getUnknownFields().asMap().keySet());
    }
    message
        .getAllFields()
        .values()
        .forEach(value -> {
          for (Object part : value instanceof List<?> list ? list : List.of(value)) {
            if (part instanceof Message inner) {
              unknown.addAll(unknownIn(inner));
            }
          }
        });
    return unknown;
  }

  private static Message read(Path bytes) throws IOException {
    String topic = bytes.getParent().getFileName().toString();
    return parser(messageOf(topic)).parseFrom(Files.readAllBytes(bytes));
  }

  /** "order.requested" is OrderRequested. */
  private static String messageOf(String topic) {
    return Arrays.stream(topic.split("\\."))
        .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
        .collect(Collectors.joining());
  }

  private static Parser<? extends Message> parser(String message) {
    try {
      Message none =
          (Message)
              Class.forName("dev.sagax.proto.event.v1." + message)
                  .getMethod("getDefaultInstance")
                  .invoke(null);
      return none.getParserForType();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("There is no event " + message, e);
    }
  }

  /** Without the comment above it. */
  private static String said(Path bytes) throws IOException {
    String name = bytes.getFileName().toString().replace(".bin", ".txtpb");
    return Files.readAllLines(bytes.resolveSibling(name)).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }
}
