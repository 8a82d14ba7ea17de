package dev.sagax.local.e2e;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.ExtensionRegistry;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.auth.v1.Rights;
import dev.sagax.proto.auth.v1.RightsProto;
import io.grpc.ManagedChannel;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * Every method that reflection finds in the running services, not a list that somebody would have
 * to keep up.
 *
 * @param methods those that need a token
 * @param open the services that need none
 */
record Contract(List<Method> methods, Set<String> open) {
  static final Set<String> OPEN =
      Set.of(
          "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection");

  private static final long PATIENCE_SECONDS = 20;

  /** A method of a service that runs, and the way to it. */
  record Method(ManagedChannel channel, MethodDescriptor descriptor) {
    /** E.g. "sagax.order.v1.OrderService/PlaceOrder". */
    String name() {
      return descriptor.getService().getFullName() + "/" + descriptor.getName();
    }

    Rights rights() {
      return descriptor.getOptions().getExtension(RightsProto.rights);
    }

    Set<Scope> scopes() {
      return rights().getAnyOfList().stream()
          .map(scope -> Scope.valueOf(scope.name().substring("SCOPE_".length())))
          .collect(Collectors.toSet());
    }

    boolean isStream() {
      return descriptor.isServerStreaming();
    }
  }

  static Contract of(Clients exchange) throws Exception {
    List<Method> methods = new ArrayList<>();
    Set<String> open = new TreeSet<>();
    for (ManagedChannel channel :
        List.of(exchange.order(), exchange.match(), exchange.settle(), exchange.asset())) {
      for (String service : services(channel)) {
        if (OPEN.contains(service)) {
          open.add(service);
        } else {
          ServiceDescriptor found = describe(channel, service);
          found.getMethods().forEach(method -> methods.add(new Method(channel, method)));
        }
      }
    }
    return new Contract(methods, open);
  }

  private static List<String> services(ManagedChannel channel) throws Exception {
    return ask(channel, ServerReflectionRequest.newBuilder().setListServices("").build())
        .getListServicesResponse()
        .getServiceList()
        .stream()
        .map(ServiceResponse::getName)
        .toList();
  }

  private static ServiceDescriptor describe(ManagedChannel channel, String service)
      throws Exception {
    var question = ServerReflectionRequest.newBuilder().setFileContainingSymbol(service).build();
    Map<String, FileDescriptorProto> files = new HashMap<>();
    ExtensionRegistry options = ExtensionRegistry.newInstance();
    RightsProto.registerAllExtensions(options);
    String wanted = null;
    for (ByteString bytes :
        ask(channel, question).getFileDescriptorResponse().getFileDescriptorProtoList()) {
      FileDescriptorProto file = FileDescriptorProto.parseFrom(bytes, options);
      files.put(file.getName(), file);
      wanted = wanted == null ? file.getName() : wanted; // the file that was asked for comes first
    }
    return build(wanted, files, new HashMap<>())
        .findServiceByName(service.substring(service.lastIndexOf('.') + 1));
  }

  private static FileDescriptor build(
      String name, Map<String, FileDescriptorProto> files, Map<String, FileDescriptor> built)
      throws DescriptorValidationException {
    if (!built.containsKey(name)) {
      FileDescriptorProto file = files.get(name);
      FileDescriptor[] imports = new FileDescriptor[file.getDependencyCount()];
      for (int i = 0; i < imports.length; i++) {
        imports[i] = build(file.getDependency(i), files, built);
      }
      built.put(name, FileDescriptor.buildFrom(file, imports));
    }
    return built.get(name);
  }

  private static ServerReflectionResponse ask(
      ManagedChannel channel, ServerReflectionRequest question)
      throws InterruptedException, ExecutionException, TimeoutException {
    var answer = new CompletableFuture<ServerReflectionResponse>();
    StreamObserver<ServerReflectionRequest> questions =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse said) {
                    answer.complete(said);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    answer.completeExceptionally(new AssertionError("There was no answer."));
                  }
                });
    questions.onNext(question);
    ServerReflectionResponse said = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    questions.onCompleted();
    return said;
  }
}
