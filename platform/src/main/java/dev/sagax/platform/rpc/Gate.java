package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;

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
    return (headers, connection) -> admit(rights, false, headers, connection);
  }

  /** For streams: they last as long as their token. */
  Authority ofStream(MethodRights rights) {
    return (headers, connection) -> admit(rights, true, headers, connection);
  }

  private Future<Admission> admit(
      MethodRights rights, boolean streams, MultiMap headers, HttpConnection connection) {
    return bearers
        .tokenOf(headers.get(HttpHeaders.AUTHORIZATION))
        .map(token -> admit(rights, streams, token, connection));
  }

  private Admission admit(
      MethodRights rights, boolean streams, VerifiedToken token, HttpConnection connection) {
    if (!token.caller().mayAnyOf(rights.anyOf())) {
      throw scopeMissing(rights);
    }
    if (token.caller().may(Scope.SERVICE) && showsNoCertificate(connection)) {
      throw certificateMissing();
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

  /**
   * A token alone makes no service where there is TLS: whoever has read one in a log could move
   * money with it. The handshake has turned away those whose certificate is of another CA.
   */
  private static boolean showsNoCertificate(HttpConnection connection) {
    if (!connection.isSsl()) {
      return false;
    }
    try {
      return connection.peerCertificates().isEmpty();
    } catch (SSLPeerUnverifiedException none) {
      return true;
    }
  }

  private static RefusedException certificateMissing() {
    return Refusal.of(
            Reason.CLIENT_CERTIFICATE_MISSING,
            "A token with the scope service counts only together with a client certificate of the exchange's CA, and this connection shows none: set tls.certificate and tls.key of the calling service, to what a CA in tls.ca of this one has issued.")
        .asException();
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
