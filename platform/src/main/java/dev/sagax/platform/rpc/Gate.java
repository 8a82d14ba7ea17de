package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.function.ToIntFunction;
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

  /** For calls that are answered at once: they need their token at their start only. */
  Authority ofCall(MethodRights rights) {
    return headers -> admit(rights, false, headers);
  }

  /** For streams: they last as long as their token. */
  Authority ofStream(MethodRights rights) {
    return headers -> admit(rights, true, headers);
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
        count(token.caller(), rights, 1));
  }

  /** Services do not limit each other: an order that was let in has to be finished. */
  private Optional<RateStanding> count(Caller caller, MethodRights rights, int calls) {
    return caller.may(Scope.SERVICE)
        ? Optional.empty()
        : limits.spend(caller.account(), rights.methodClass(), calls);
  }

  /**
   * A method of which a call counts as so many calls as it has items. One of them was counted
   * before the items were read.
   */
  <Q, R> UnaryMethod<Q, R> countItems(
      MethodRights rights, ToIntFunction<Q> items, UnaryMethod<Q, R> method) {
    return (call, request) -> {
      int more = items.applyAsInt(request) - 1;
      if (more > 0) {
        count(call.caller(), rights, more);
      }
      return method.call(call, request);
    };
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
