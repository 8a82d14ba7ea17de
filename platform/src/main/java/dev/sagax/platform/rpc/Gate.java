package dev.sagax.platform.rpc;

import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import dev.sagax.proto.auth.v1.MethodClass;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.stream.Collectors;

/** Lets in who has one of a method's scopes and does not call too often. */
final class Gate {
  private final TokenVerifier verifier;
  private final Bearers bearers;
  private final RateLimits limits;

  Gate(TokenVerifier verifier, Bearers bearers, RateLimits limits) {
    this.verifier = verifier;
    this.bearers = bearers;
    this.limits = limits;
  }

  /**
   * A stream lasts as long as its token; a call that is answered at once needs it at its start
   * only.
   *
   * @throws IllegalArgumentException if the method does not state its rights
   */
  Authority of(MethodDescriptor method) {
    MethodRights rights = MethodRights.of(method);
    boolean streams = method.isServerStreaming() || method.isClientStreaming();
    return headers -> admit(rights, streams, headers);
  }

  private Future<Admission> admit(MethodRights rights, boolean streams, MultiMap headers) {
    return bearers
        .tokenOf(headers.get(HttpHeaders.AUTHORIZATION))
        .map(token -> admit(rights, streams, token));
  }

  private Admission admit(MethodRights rights, boolean streams, VerifiedToken token) {
    if (!token.caller().mayAnyOf(rights.anyOf())) {
      throw scopeMissing(rights);
    }
    return new Admission(
        token.caller(),
        streams ? verifier.millisLeft(token) : Admission.FOREVER,
        count(token.caller(), rights.methodClass()));
  }

  /** Services do not limit each other: an order that was let in has to be finished. */
  private Optional<RateStanding> count(Caller caller, MethodClass methodClass) {
    return caller.may(Scope.SERVICE)
        ? Optional.empty()
        : limits.spend(caller.account(), methodClass);
  }

  private static RefusedException scopeMissing(MethodRights rights) {
    String claims = rights.anyOf().stream().map(Scope::claim).collect(Collectors.joining(" "));
    return Refusal.of(
            Reason.SCOPE_MISSING,
            "This method needs the scope "
                + claims.replace(" ", " or ")
                + ", which the bearer token lacks.")
        .with("scope", claims)
        .asException();
  }
}
