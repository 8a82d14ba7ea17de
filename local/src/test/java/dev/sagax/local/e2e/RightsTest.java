package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.auth.v1.MethodClass;
import dev.sagax.proto.auth.v1.Rights;
import dev.sagax.proto.auth.v1.RightsProto;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.EnumSet;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Who may call what: of every method that reflection finds in the running services, not of a list
 * that somebody would have to keep up.
 */
@ExtendWith(SharedExchange.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RightsTest {
  private static final Set<String> OPEN =
      Set.of(
          "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection");

  private final List<Method> methods = new ArrayList<>();
  private final Set<String> open = new TreeSet<>();
  private TestExchange exchange;

  /** A method of a service that runs, and the way to it. */
  private record Method(ManagedChannel channel, MethodDescriptor descriptor) {
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
  }

  @BeforeAll
  void findMethods(TestExchange shared) throws Exception {
    exchange = shared;
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
  }

  @Test
  void everyMethodStatesItsRights() {
    assertThat(open).isEqualTo(OPEN);
    assertThat(methods).hasSizeGreaterThan(30);
    assertThat(methods)
        .allSatisfy(method -> {
          assertThat(method.scopes()).as(method.name()).isNotEmpty();
          assertThat(method.rights().getMethodClass())
              .as(method.name())
              .isNotEqualTo(MethodClass.METHOD_CLASS_UNSPECIFIED);
        });
  }

  @Test
  void withoutATokenEveryMethodIsRefused() {
    for (Method method : methods) {
      assertRefused(method, null, Code.UNAUTHENTICATED, "TOKEN_MISSING");
    }
  }

  @Test
  void withAScopeThatIsNotEnoughEveryMethodIsRefused() {
    for (Method method : methods) {
      Set<Scope> others = EnumSet.allOf(Scope.class);
      others.removeAll(method.scopes());
      String[] tokens =
          Stream.concat(
                  Stream.of(exchange.token("mallory")),
                  others.stream().map(scope -> exchange.token("mallory", scope)))
              .toArray(String[]::new);
      for (String token : tokens) {
        assertRefused(method, token, Code.PERMISSION_DENIED, "SCOPE_MISSING");
      }
    }
  }

  @Test
  void theLedgerIsForServicesAndItsBooksForOperatorsToo() {
    Map<String, Set<Scope>> ledger = new HashMap<>();
    methods.stream()
        .filter(method -> method.name().startsWith("sagax.ledger."))
        .forEach(method -> ledger.put(method.descriptor().getName(), method.scopes()));

    assertThat(ledger.get("Hold")).containsExactly(Scope.SERVICE);
    assertThat(ledger.get("GetBalances")).containsExactly(Scope.SERVICE);
    assertThat(ledger.get("Audit")).containsExactlyInAnyOrder(Scope.SERVICE, Scope.OPERATOR);
    assertThat(ledger.get("ListHolds")).containsExactlyInAnyOrder(Scope.SERVICE, Scope.OPERATOR);
    assertThat(ledger.values())
        .allSatisfy(scopes -> assertThat(scopes).isSubsetOf(Scope.SERVICE, Scope.OPERATOR));
  }

  private static void assertRefused(Method method, String token, Code code, String reason) {
    StatusRuntimeException refused = null;
    try {
      if (token == null) {
        RawCall.send(method.channel(), method.name(), new byte[0]);
      } else {
        RawCall.send(method.channel(), token, method.name(), new byte[0]);
      }
    } catch (StatusRuntimeException e) {
      refused = e;
    }
    assertThat(refused).as(method.name() + " is refused").isNotNull();
    assertThat(refused.getStatus().getCode()).as(method.name()).isEqualTo(code);
    assertThat(reasonOf(refused)).as(method.name()).isEqualTo(reason);
  }

  private static String reasonOf(StatusRuntimeException refused) {
    try {
      return StatusProto.fromThrowable(refused).getDetails(0).unpack(ErrorInfo.class).getReason();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
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
    return build(wanted, files).findServiceByName(service.substring(service.lastIndexOf('.') + 1));
  }

  private static FileDescriptor build(String name, Map<String, FileDescriptorProto> files)
      throws DescriptorValidationException {
    FileDescriptorProto file = files.get(name);
    FileDescriptor[] imports = new FileDescriptor[file.getDependencyCount()];
    for (int i = 0; i < imports.length; i++) {
      imports[i] = build(file.getDependency(i), files);
    }
    return FileDescriptor.buildFrom(file, imports);
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
    ServerReflectionResponse said = answer.get(20, TimeUnit.SECONDS);
    questions.onCompleted();
    return said;
  }
}
