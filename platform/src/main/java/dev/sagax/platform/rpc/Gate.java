package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
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

  /**
   * For calls that count as so many calls as they have items. One of them is counted before the
   * items are read.
   */
  <Q extends Message> Authority ofBatch(MethodRights rights, ToIntFunction<Q> items) {
    return new Authority() {
      @Override
      public Future<Admission> admit(MultiMap headers) {
        return Gate.this.admit(rights, false, headers);
      }

      @Override
      @SuppressWarnings("unchecked") // the method's requests are what its items are counted in
      public Optional<RateStanding> countItems(Caller caller, Message request) {
        int more = items.applyAsInt((Q) request) - 1;
        return more > 0 ? count(caller, rights, more) : Optional.empty();
      }
    };
  }

  /** For streams: they last as long as their token. */
  Authority ofStream(MethodRights rights) {
    return headers -> admit(rights, true, headers);
  }

  private Future<Admission> admit(MethodRights rights, boolean streams, MultiMap headers) {
    String authorization = headers.get(HttpHeaders.AUTHORIZATION);
    return bearers
        .tokenOf(authorization)
        .map(token -> admit(rights, token, streams ? bearers.watch(authorization) : null));
  }

  /**
   * @param watch of the token, where the call lasts no longer than it; else null
   */
  private Admission admit(MethodRights rights, VerifiedToken token, TokenWatch watch) {
    if (!token.caller().mayAnyOf(rights.anyOf())) {
      throw scopeMissing(rights);
    }
    Optional<RateStanding> standing = count(token.caller(), rights, 1);
    return watch == null
        ? new Admission(token.caller(), Admission.FOREVER, standing, TokenWatch.NONE)
        : new Admission(token.caller(), verifier.millisLeft(token), standing, watch);
  }

  /** Services do not limit each other: an order that was let in has to be finished. */
  private Optional<RateStanding> count(Caller caller, MethodRights rights, int calls) {
    return caller.may(Scope.SERVICE)
        ? Optional.empty()
        : limits.spend(caller.account(), rights.methodClass(), calls);
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
