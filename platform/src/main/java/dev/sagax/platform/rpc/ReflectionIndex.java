package dev.sagax.platform.rpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.grpc.reflection.v1.ErrorResponse;
import io.grpc.reflection.v1.ExtensionNumberResponse;
import io.grpc.reflection.v1.ExtensionRequest;
import io.grpc.reflection.v1.FileDescriptorResponse;
import io.grpc.reflection.v1.ListServiceResponse;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.vertx.grpc.common.GrpcStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All that reflection can tell: services by name, files by name, by every symbol declared in them
 * and by the extensions they declare. Filled before the port opens, only read from then on.
 */
final class ReflectionIndex {
  private final SortedSet<String> services = new TreeSet<>();
  private final Map<String, FileDescriptor> files = new HashMap<>();
  private final Map<String, FileDescriptor> symbols = new HashMap<>();
  private final Map<String, Map<Integer, FileDescriptor>> extensions = new HashMap<>();
  private final Set<String> messages = new HashSet<>();
  private final Map<String, FileDescriptorResponse> answers = new ConcurrentHashMap<>();

  /**
   * A service and the file that declares it, with all that the file imports.
   *
   * @throws IllegalArgumentException if the file does not declare the service
   */
  void addService(String service, FileDescriptor file) {
    addFile(file);
    if (!symbols.containsKey(service)) {
      throw new IllegalArgumentException(
          "Expected " + file.getFullName() + " to declare the service " + service + ".");
    }
    services.add(service);
  }

  /** A file, and all that it imports, that no service needs but clients do. */
  void addFile(FileDescriptor file) {
    if (files.putIfAbsent(file.getFullName(), file) != null) {
      return;
    }
    file.getServices().forEach(this::addSymbolsOf);
    file.getMessageTypes().forEach(this::addSymbolsOf);
    file.getEnumTypes().forEach(this::addSymbolsOf);
    file.getExtensions().forEach(this::addExtension);
    file.getDependencies().forEach(this::addFile);
  }

  boolean hasService(String service) {
    return services.contains(service);
  }

  ServerReflectionResponse answer(ServerReflectionRequest question) {
    var answer =
        ServerReflectionResponse.newBuilder()
            .setValidHost(question.getHost())
            .setOriginalRequest(question);
    switch (question.getMessageRequestCase()) {
      case FILE_BY_FILENAME ->
          tellFile(answer, files.get(question.getFileByFilename()), question.getFileByFilename());
      case FILE_CONTAINING_SYMBOL ->
          tellFile(
              answer,
              symbols.get(question.getFileContainingSymbol()),
              question.getFileContainingSymbol());
      case FILE_CONTAINING_EXTENSION ->
          tellFile(
              answer, fileOf(question.getFileContainingExtension()), "the file of this extension");
      case ALL_EXTENSION_NUMBERS_OF_TYPE ->
          tellExtensions(answer, question.getAllExtensionNumbersOfType());
      case LIST_SERVICES -> answer.setListServicesResponse(list());
      case MESSAGEREQUEST_NOT_SET ->
          answer.setErrorResponse(
              error(GrpcStatus.INVALID_ARGUMENT, "The request asks for nothing known here."));
    }
    return answer.build();
  }

  private void addSymbolsOf(ServiceDescriptor service) {
    symbols.put(service.getFullName(), service.getFile());
    service.getMethods().forEach(method -> symbols.put(method.getFullName(), service.getFile()));
  }

  private void addSymbolsOf(Descriptor message) {
    FileDescriptor file = message.getFile();
    symbols.put(message.getFullName(), file);
    messages.add(message.getFullName());
    message.getFields().forEach(field -> symbols.put(field.getFullName(), file));
    message
        .getOneofs()
        .forEach(oneof -> symbols.put(message.getFullName() + "." + oneof.getName(), file));
    message.getNestedTypes().forEach(this::addSymbolsOf);
    message.getEnumTypes().forEach(this::addSymbolsOf);
    message.getExtensions().forEach(this::addExtension);
  }

  /** Values are siblings of their enum in protobuf; they are found under the enum's name too. */
  private void addSymbolsOf(EnumDescriptor type) {
    FileDescriptor file = type.getFile();
    String name = type.getFullName();
    String scope = name.substring(0, name.length() - type.getName().length());
    symbols.put(name, file);
    for (var value : type.getValues()) {
      symbols.put(scope + value.getName(), file);
      symbols.put(name + "." + value.getName(), file);
    }
  }

  private void addExtension(FieldDescriptor extension) {
    symbols.put(extension.getFullName(), extension.getFile());
    extensions
        .computeIfAbsent(extension.getContainingType().getFullName(), type -> new TreeMap<>())
        .put(extension.getNumber(), extension.getFile());
  }

  private FileDescriptor fileOf(ExtensionRequest extension) {
    return extensions
        .getOrDefault(extension.getContainingType(), Map.of())
        .get(extension.getExtensionNumber());
  }

  private void tellFile(
      ServerReflectionResponse.Builder answer, FileDescriptor file, String asked) {
    if (file == null) {
      answer.setErrorResponse(error(GrpcStatus.NOT_FOUND, "Not found here: " + asked + "."));
    } else {
      answer.setFileDescriptorResponse(
          answers.computeIfAbsent(file.getFullName(), name -> withImports(file)));
    }
  }

  private void tellExtensions(ServerReflectionResponse.Builder answer, String type) {
    if (!messages.contains(type)) {
      answer.setErrorResponse(error(GrpcStatus.NOT_FOUND, "Not found here: " + type + "."));
      return;
    }
    answer.setAllExtensionNumbersResponse(
        ExtensionNumberResponse.newBuilder()
            .setBaseTypeName(type)
            .addAllExtensionNumber(extensions.getOrDefault(type, Map.of()).keySet()));
  }

  private ListServiceResponse list() {
    var list = ListServiceResponse.newBuilder();
    services.forEach(name -> list.addService(ServiceResponse.newBuilder().setName(name)));
    return list.build();
  }

  private static ErrorResponse error(GrpcStatus status, String message) {
    return ErrorResponse.newBuilder().setErrorCode(status.code).setErrorMessage(message).build();
  }

  private static FileDescriptorResponse withImports(FileDescriptor file) {
    var protos = new LinkedHashMap<String, ByteString>();
    collect(file, protos);
    return FileDescriptorResponse.newBuilder().addAllFileDescriptorProto(protos.values()).build();
  }

  private static void collect(FileDescriptor file, Map<String, ByteString> protos) {
    if (protos.containsKey(file.getFullName())) {
      return;
    }
    protos.put(file.getFullName(), file.toProto().toByteString());
    file.getDependencies().forEach(imported -> collect(imported, protos));
  }
}
