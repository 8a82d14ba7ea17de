package dev.sagax.local.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.sagax.platform.rpc.Scope;
import dev.sagax.proto.auth.v1.MethodClass;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private List<Contract.Method> methods;
  private Set<String> open;
  private TestExchange exchange;

  @BeforeAll
  void findMethods(TestExchange shared) throws Exception {
    exchange = shared;
    Contract contract = Contract.of(exchange);
    methods = contract.methods();
    open = contract.open();
  }

  @Test
  void everyMethodStatesItsRights() {
    assertThat(open).isEqualTo(Contract.OPEN);
    assertThat(methods).hasSizeGreaterThan(30);
    assertThat(methods).filteredOn(Contract.Method::isStream).hasSizeGreaterThanOrEqualTo(4);
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
    for (Contract.Method method : methods) {
      assertRefused(method, null, Code.UNAUTHENTICATED, "TOKEN_MISSING");
    }
  }

  @Test
  void withAScopeThatIsNotEnoughEveryMethodIsRefused() {
    for (Contract.Method method : methods) {
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

  private static void assertRefused(
      Contract.Method method, String token, Code code, String reason) {
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
}
